#pragma once

#include <sportello/base/time.hpp>
#include <sportello/http/message.hpp>

#include <nlohmann/json.hpp>

#include <string>

namespace sportello::simulator {

using nlohmann::ordered_json;

/// A problem that ends an X API call, thrown where it is noticed.
struct XFailure {
    int status = 400;
    ordered_json body;
};

[[nodiscard]] XFailure x_problem(int status, const std::string& title, const std::string& detail, const std::string& type = "about:blank");
/// 400 with the bad parameter named.
[[nodiscard]] XFailure x_bad_parameter(const std::string& name, const std::string& value, const std::string& message);
/// One entry of `errors` beside or instead of `data`, under status 200.
[[nodiscard]] ordered_json x_not_found(const std::string& resource_type, const std::string& parameter, const std::string& value);

/// "2026-07-24T21:23:23.000Z": whole seconds.
[[nodiscard]] std::string x_time(base::Instant at);
[[nodiscard]] http::Response x_answer(int status, const ordered_json& body);

} // namespace sportello::simulator
