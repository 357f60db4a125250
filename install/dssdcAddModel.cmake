# dssdc_add_model(target MODEL model [WEIGHTS file] [TARGET t] [NAME name] [OPTIONS option...] [DEPENDS file...])
#
# A library target of an emitted detector: dssdc writes NAME.h and NAME.c (NAME: the target's, if it is not given), the
# project's own C compiler compiles them, and target_link_libraries() brings the header's folder along.
#
#   MODEL, WEIGHTS   as dssdc compile takes them; relative to the current source folder
#   TARGET           c99 (the default), vector4, avx2, avx512 or native; dssdc targets tells of them
#   OPTIONS          more of what dssdc compile takes: --arena=caller, --threshold=0.3, ...
#   DEPENDS          files that MODEL reads besides its weights and labels: an ONNX model's external data
#
# The source is emitted again when the program, the model or a file that it is known to read has changed. It is compiled with
# -O2 whatever the build type is: a detector that is not optimised is of little use, even in a debugger.

# The flags that the source of a target needs.
function(dssdc_target_flags out target)
  execute_process(COMMAND "${dssdc_PROGRAM}" targets "--flags=${target}" OUTPUT_VARIABLE text ERROR_VARIABLE why RESULT_VARIABLE status
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "dssdc targets --flags=${target} failed: ${status}\n${why}")
  endif()
  separate_arguments(flags UNIX_COMMAND "${text}")
  set(${out} "${flags}" PARENT_SCOPE)
endfunction()

# Files that a model is read from: itself, what a card names, and weights that are found beside a network.
function(dssdc_model_files out model)
  set(files "${model}")
  get_filename_component(folder "${model}" DIRECTORY)
  if(model MATCHES "\\.json$")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${model}") # it may name others tomorrow
    file(READ "${model}" card)
    foreach(member weights labels)
      string(JSON name ERROR_VARIABLE none GET "${card}" ${member})
      if(NOT none AND EXISTS "${folder}/${name}")
        list(APPEND files "${folder}/${name}")
      endif()
    endforeach()
  else()
    string(REGEX REPLACE "\\.[a-z]+$" "" stem "${model}")
    foreach(beside "${stem}.caffemodel" "${stem}.safetensors")
      if(EXISTS "${beside}")
        list(APPEND files "${beside}")
      endif()
    endforeach()
  endif()
  set(${out} "${files}" PARENT_SCOPE)
endfunction()

# What dssdc writes, in the form that --weights-form asks for: all of it, and what is compiled.
function(dssdc_emitted_files all sources stem options)
  set(a "${stem}.c" "${stem}.h")
  set(s "${stem}.c")
  if("--weights-form=array" IN_LIST options)
    list(APPEND a "${stem}_weights.c")
    list(APPEND s "${stem}_weights.c")
  elseif("--weights-form=object" IN_LIST options)
    list(APPEND a "${stem}_weights.S" "${stem}.weights")
    list(APPEND s "${stem}_weights.S")
  else()
    list(APPEND a "${stem}.weights")
  endif()
  set(${all} "${a}" PARENT_SCOPE)
  set(${sources} "${s}" PARENT_SCOPE)
endfunction()

function(dssdc_add_model target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "MODEL;WEIGHTS;TARGET;NAME" "OPTIONS;DEPENDS")
  if(NOT arg_MODEL OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "dssdc_add_model(target MODEL model [WEIGHTS file] [TARGET t] [NAME name] [OPTIONS option...] "
                        "[DEPENDS file...]): ${arg_UNPARSED_ARGUMENTS}")
  endif()
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if(NOT "C" IN_LIST languages)
    message(FATAL_ERROR "dssdc: the emitted source is C; write project(... LANGUAGES C CXX)")
  endif()
  if(NOT arg_TARGET)
    set(arg_TARGET c99)
  elseif(arg_TARGET MATCHES "^cuda")
    message(FATAL_ERROR "dssdc: dssdc_add_model() makes code for CPUs; for GPUs see ${dssdc_EXAMPLES}/05_cuda")
  endif()
  if(NOT arg_NAME)
    string(MAKE_C_IDENTIFIER "${target}" arg_NAME)
  endif()
  dssdc_target_flags(flags "${arg_TARGET}")

  get_filename_component(model "${arg_MODEL}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
  dssdc_model_files(inputs "${model}")
  set(options ${arg_OPTIONS})
  if(arg_WEIGHTS)
    list(APPEND options "--weights=${arg_WEIGHTS}")
  endif()
  foreach(option IN LISTS options)
    if(option MATCHES "^--(weights|labels|detect)=(.+)")
      list(APPEND inputs "${CMAKE_MATCH_2}")
    endif()
  endforeach()

  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${target}.dssdc")
  file(MAKE_DIRECTORY "${folder}")
  dssdc_emitted_files(outputs sources "${folder}/${arg_NAME}" "${options}")
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND "${dssdc_PROGRAM}" compile "${model}" --emit=c "--target=${arg_TARGET}" ${options} -o "${folder}/${arg_NAME}.c"
    DEPENDS "${dssdc_PROGRAM}" ${inputs} ${arg_DEPENDS}
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    COMMENT "dssdc: ${arg_MODEL} for ${arg_TARGET}"
    VERBATIM)
  # The compiler's own list of dependencies does not have what the assembler reads: the weights.
  set_source_files_properties(${sources} PROPERTIES LANGUAGE C OBJECT_DEPENDS "${outputs}" COMPILE_OPTIONS "-O2;${flags}")
  set(assembly ${sources}) # by the C compiler as well: the project need not have switched ASM on
  list(FILTER assembly INCLUDE REGEX "\\.S$")
  set_source_files_properties(${assembly} PROPERTIES COMPILE_OPTIONS "-xassembler-with-cpp")
  add_library(${target} STATIC ${outputs})
  target_include_directories(${target} PUBLIC "${folder}")
  # Weights that an assembler statement pulls in are lost between the partitions of link-time optimisation.
  set_target_properties(${target} PROPERTIES C_STANDARD 99 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF
                        POSITION_INDEPENDENT_CODE ON INTERPROCEDURAL_OPTIMIZATION OFF)
endfunction()
