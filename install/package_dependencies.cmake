# package_dependencies.cmake -- what the Debian package depends on: libraries of the program are needed, those of the
# checker's module (libclang and what it needs) are recommended, since everything else works without it. cpack includes this
# file when all files lie where they will be packed, before it writes the control file.
if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()
file(GLOB root LIST_DIRECTORIES ON ${CPACK_TEMPORARY_DIRECTORY}${CPACK_PACKAGING_INSTALL_PREFIX})
set(arguments -dDepends ${root}/bin/dssdc)
if(EXISTS ${root}/lib/dssdc/dssdc-check.so)
  list(APPEND arguments -dRecommends ${root}/lib/dssdc/dssdc-check.so)
endif()
file(WRITE ${CPACK_TOPLEVEL_DIRECTORY}/debian/control "Source: dssdc\n\nPackage: dssdc\nArchitecture: any\n")
execute_process(COMMAND dpkg-shlibdeps -O ${arguments} WORKING_DIRECTORY ${CPACK_TOPLEVEL_DIRECTORY}
                OUTPUT_VARIABLE found RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "dpkg-shlibdeps failed (Debian: dpkg-dev)")
endif()
foreach(field Depends Recommends)
  if(found MATCHES "shlibs:${field}=([^\n]*)")
    string(TOUPPER ${field} upper)
    list(PREPEND CPACK_DEBIAN_PACKAGE_${upper} "${CMAKE_MATCH_1}")
    list(JOIN CPACK_DEBIAN_PACKAGE_${upper} ", " CPACK_DEBIAN_PACKAGE_${upper})
  endif()
endforeach()
