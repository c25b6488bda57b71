# Installs the package into a folder of the build, and builds and runs the consumer against it.
foreach(step IN ITEMS
    "${CMAKE_COMMAND};--install;${BUILD};--prefix;${BUILD}/consumer/prefix"
    "${CMAKE_COMMAND};-S;${SOURCE};-B;${BUILD}/consumer/build;-DCMAKE_PREFIX_PATH=${BUILD}/consumer/prefix;-DCMAKE_CXX_STANDARD=20"
    "${CMAKE_COMMAND};--build;${BUILD}/consumer/build"
    "${BUILD}/consumer/build/consumer")
  execute_process(COMMAND ${step} RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "failed: ${step}")
  endif()
endforeach()
