# Installs the package into a folder of the build, and builds and runs the consumer against it, with the generator and compiler
# of that build: CMake's own default may not be there.
foreach(step IN ITEMS
    "${CMAKE_COMMAND};--install;${BUILD};--prefix;${BUILD}/consumer/prefix"
    "${CMAKE_COMMAND};-S;${SOURCE};-B;${BUILD}/consumer/build;-G;${GENERATOR};-DCMAKE_CXX_COMPILER=${COMPILER};-DCMAKE_PREFIX_PATH=${BUILD}/consumer/prefix;-DCMAKE_CXX_STANDARD=20"
    "${CMAKE_COMMAND};--build;${BUILD}/consumer/build"
    "${BUILD}/consumer/build/consumer")
  execute_process(COMMAND ${step} RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "failed: ${step}")
  endif()
endforeach()
