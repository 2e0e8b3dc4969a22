#include "session_json.hpp"

#include "people_json.hpp"

#include <chrono>

namespace sportello::api {

http::Response session_response(const Caller& caller)
{
    std::string body;
    JsonWriter json(body);
    json.open_object().key("me");
    write_me(json, caller);
    json.member("csrf_token", caller.csrf_token).close_object();
    return json_response(200, std::move(body));
}

http::Response too_many_attempts(const Call& call, base::Duration wait, std::string_view what)
{
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
    return call.refuse({.status = 429,
                        .code = "too_many",
                        .detail = "Too many failed " + std::string(what) + ". Try again in " + std::to_string(seconds) + " s.",
                        .retry_after_seconds = static_cast<int>(seconds)});
}

std::string own_origin(const http::Request& request, std::string_view public_url)
{
    if (!public_url.empty()) return std::string(public_url);
    return (request.secure ? "https://" : "http://") + std::string(request.headers.find("Host").value_or("localhost"));
}

} // namespace sportello::api
