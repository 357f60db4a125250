/* labels.c -- the names of a detector's classes.
 *
 * words: LABELS (a string literal and a comma for each class, a line each)
 */
#ifndef DSSDC
#define NET_NUM_CLASSES 2
#define LABELS "background", "thing"
#endif
const char *const net_labels[NET_NUM_CLASSES] = {
LABELS
};
