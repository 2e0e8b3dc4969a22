#include "x_wire.hpp"

namespace sportello::simulator {
namespace {

constexpr const char* problems = "https://api.twitter.com/2/problems/";

} // namespace

XFailure x_problem(int status, const std::string& title, const std::string& detail, const std::string& type)
{
    const auto full = type == "about:blank" ? type : problems + type;
    return {status, {{"title", title}, {"detail", detail}, {"type", full}, {"status", status}}};
}

XFailure x_bad_parameter(const std::string& name, const std::string& value, const std::string& message)
{
    ordered_json error{{"parameters", {{name, ordered_json::array({value})}}}, {"message", message}};
    ordered_json body{{"errors", ordered_json::array({error})},
                      {"title", "Invalid Request"},
                      {"detail", "One or more parameters to your request was invalid."},
                      {"type", std::string(problems) + "invalid-request"}};
    return {400, std::move(body)};
}

ordered_json x_not_found(const std::string& resource_type, const std::string& parameter, const std::string& value)
{
    return {{"value", value},
            {"detail", "Could not find " + resource_type + " with " + parameter + ": [" + value + "]."},
            {"title", "Not Found Error"},
            {"resource_type", resource_type},
            {"parameter", parameter},
            {"resource_id", value},
            {"type", std::string(problems) + "resource-not-found"}};
}

std::string x_time(base::Instant at)
{
    auto text = base::to_rfc3339(std::chrono::floor<std::chrono::seconds>(at));
    text.pop_back(); // the Z
    return text + ".000Z";
}

http::Response x_answer(int status, const ordered_json& body)
{
    http::Response response;
    response.status = status;
    const bool problem = status >= 400 && body.contains("type");
    response.headers.add("Content-Type", problem ? "application/problem+json; charset=utf-8" : "application/json; charset=utf-8");
    response.headers.add("api-version", "2.166");
    response.headers.add("Cache-Control", "no-cache, no-store, max-age=0");
    response.body = body.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
    return response;
}

} // namespace sportello::simulator
