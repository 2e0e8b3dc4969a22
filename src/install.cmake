# cmake --install: the Filesystem Hierarchy Standard's places; DESTDIR is honoured everywhere.
include(GNUInstallDirs)
set(deploy ${PROJECT_SOURCE_DIR}/config/deploy)
# The units name the program where this very installation puts it: --prefix may be another than the build's.
install(CODE "set(CMAKE_INSTALL_FULL_BINDIR \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
    foreach(unit sportello sportello@ sportello-backup)
        configure_file(${deploy}/\${unit}.service.in ${CMAKE_BINARY_DIR}/deploy/\${unit}.service @ONLY)
    endforeach()")

install(TARGETS sportello RUNTIME)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/migrations DESTINATION ${CMAKE_INSTALL_DATADIR}/sportello FILES_MATCHING PATTERN "*.sql")
# Built by ./dev build; without it the API alone is served.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/src/dashboard/dist/ DESTINATION ${CMAKE_INSTALL_DATADIR}/sportello/dashboard OPTIONAL)
install(FILES ${PROJECT_SOURCE_DIR}/config/sportello.example.toml DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/sportello/examples)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/config/calendars DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/sportello/examples)
install(FILES ${deploy}/Dockerfile ${deploy}/compose.yaml ${deploy}/haproxy.cfg ${deploy}/nodes.toml
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/sportello/examples)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${deploy}/prometheus-alerts.yml DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/sportello)
# systemd looks below /usr/lib, whatever the architecture's own folder is called.
install(FILES ${CMAKE_BINARY_DIR}/deploy/sportello.service ${CMAKE_BINARY_DIR}/deploy/sportello@.service ${CMAKE_BINARY_DIR}/deploy/sportello-backup.service
              ${deploy}/sportello-backup.timer DESTINATION lib/systemd/system)
install(FILES ${deploy}/sportello.sysusers DESTINATION lib/sysusers.d RENAME sportello.conf)
install(FILES ${deploy}/sportello.tmpfiles DESTINATION lib/tmpfiles.d RENAME sportello.conf)
