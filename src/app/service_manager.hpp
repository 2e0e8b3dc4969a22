#pragma once

#include <string_view>

namespace sportello::app {

/// Tells systemd (or whoever set NOTIFY_SOCKET) how the service stands: "READY=1", "RELOADING=1", "STOPPING=1". Nothing
/// without one.
void tell_service_manager(std::string_view state);

} // namespace sportello::app
