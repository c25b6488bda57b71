include(CMakePackageConfigHelpers)
install(TARGETS orrery_sim orrery_models EXPORT orreryTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/libsim/include/ ${CMAKE_CURRENT_SOURCE_DIR}/models/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(EXPORT orreryTargets NAMESPACE orrery:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/orrery)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/orreryConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/orreryConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/orrery)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/orreryConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/orreryConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/orreryConfigVersion.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/orrery)
