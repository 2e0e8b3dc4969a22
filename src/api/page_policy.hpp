#pragma once

#include <sportello/http/message.hpp>

namespace sportello::api {

/// Where browsers report what the policy of our pages stopped.
inline constexpr std::string_view policy_reports_path = "/hooks/page-policy";

/// What the dashboard's pages may load and run, and where a browser tells of what it stopped.
void set_page_policy(http::Headers& headers);

} // namespace sportello::api
