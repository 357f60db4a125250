# package_dependencies.cmake -- what the Debian package depends on: libraries of the program are needed, those of the
# checker's module (libclang and what it needs) are recommended, since everything else works without it. cpack includes this
# file when all files lie where they will be packed, before it writes the control file.
#
# The packages are those that the linked libraries of this machine belong to: objdump and ldd name the files, dpkg the
# packages. All three are there wherever a C compiler of Debian is; dpkg-shlibdeps would want dpkg-dev besides.
if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()

function(package_output out)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE text ERROR_VARIABLE errors RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "'${command}' failed: ${status} ${errors}")
  endif()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# The package that a file of the system belongs to. /lib may be a link to /usr/lib, and dpkg knows one of the names.
function(package_of out file)
  get_filename_component(real "${file}" REALPATH)
  string(REGEX REPLACE "^/usr/" "/" bare "${file}")
  foreach(name "${file}" "${bare}" "/usr${bare}" "${real}")
    execute_process(COMMAND dpkg-query -S "${name}" OUTPUT_VARIABLE text ERROR_QUIET RESULT_VARIABLE status)
    if(status EQUAL 0 AND text MATCHES "^([^:, ]+)")
      set(${out} "${CMAKE_MATCH_1}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "no Debian package has ${file}")
endfunction()

# "libc6 (>= 2.36), libclang1-19": the packages of the libraries that a file itself names; of libc the newest version that
# a symbol of it asks for.
function(package_needs out file)
  package_output(head objdump -p "${file}")
  package_output(found ldd "${file}")
  set(libc 0)
  string(REGEX MATCHALL "GLIBC_[0-9.]+" versions "${head}")
  foreach(version IN LISTS versions)
    string(REPLACE "GLIBC_" "" version "${version}")
    if(version VERSION_GREATER libc)
      set(libc ${version})
    endif()
  endforeach()
  set(packages "")
  string(REGEX MATCHALL "NEEDED +[^ \n]+" needed "${head}")
  foreach(line IN LISTS needed)
    string(REGEX REPLACE "NEEDED +" "" library "${line}")
    string(REGEX REPLACE "([+.])" "\\\\\\1" pattern "${library}")
    if(NOT found MATCHES "${pattern} => (/[^ \n]+)" AND NOT found MATCHES "(/[^ \n]*${pattern}) \\(")
      message(FATAL_ERROR "${file}: the library ${library} is not found")
    endif()
    package_of(package "${CMAKE_MATCH_1}")
    if(package MATCHES "^libc6")
      set(package "${package} (>= ${libc})")
    endif()
    list(APPEND packages "${package}")
  endforeach()
  list(REMOVE_DUPLICATES packages)
  list(SORT packages)
  list(JOIN packages ", " text)
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

file(GLOB root LIST_DIRECTORIES ON ${CPACK_TEMPORARY_DIRECTORY}${CPACK_PACKAGING_INSTALL_PREFIX})
package_needs(CPACK_DEBIAN_PACKAGE_DEPENDS ${root}/bin/dssdc)
if(EXISTS ${root}/lib/dssdc/dssdc-check.so)
  package_needs(checker ${root}/lib/dssdc/dssdc-check.so)
  string(REGEX REPLACE "libc6 \\([^)]*\\)(, )?" "" checker "${checker}") # the program needs it anyway
  set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "${checker}, ${CPACK_DEBIAN_PACKAGE_RECOMMENDS}")
endif()
