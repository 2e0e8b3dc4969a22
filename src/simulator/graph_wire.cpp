#include "graph_wire.hpp"

#include <sportello/base/digest.hpp>

namespace sportello::simulator {
namespace {

http::Response with_headers(int status, std::string body, std::string_view version, std::string_view cache)
{
    http::Response response;
    response.status = status;
    response.headers.add("Content-Type", "application/json; charset=UTF-8");
    response.headers.add("ETag", '"' + base::sha256_hex(body).substr(0, 40) + '"');
    response.headers.add("Cache-Control", std::string(cache));
    response.headers.add("Pragma", "no-cache");
    response.headers.add("Expires", "Sat, 01 Jan 2000 00:00:00 GMT");
    response.headers.add("Vary", "Accept-Encoding");
    response.headers.add("Access-Control-Allow-Origin", "*");
    response.headers.add("facebook-api-version", std::string(version));
    response.headers.add("X-FB-Rev", "1031504938");
    response.headers.add("X-FB-Debug", base::sha256_hex(body).substr(24, 40) + "==");
    response.body = std::move(body);
    return response;
}

} // namespace

GraphFailure no_such_object(std::string_view id)
{
    return {400, 100,
            "Unsupported get request. Object with ID '" + std::string(id) +
                "' does not exist, cannot be loaded due to missing permissions, or does not support this operation. "
                "Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api",
            33, "GraphMethodException"};
}

GraphFailure bad_token(std::string message, int subcode)
{
    return {400, 190, std::move(message), subcode};
}

std::string graph_json(const ordered_json& value)
{
    const auto plain = value.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
    std::string wire;
    wire.reserve(plain.size() + plain.size() / 8);
    for (const char c : plain) {
        if (c == '/') {
            wire += "\\/";
        } else if (c == '%') {
            wire += "\\u0025";
        } else {
            wire += c;
        }
    }
    return wire;
}

std::string graph_time(base::Instant at)
{
    auto text = base::to_rfc3339(std::chrono::floor<std::chrono::seconds>(at));
    text.pop_back(); // the Z
    return text + "+0000";
}

http::Response graph_answer(const ordered_json& body, std::string_view version)
{
    return with_headers(200, graph_json(body), version, "private, no-cache, no-store, must-revalidate");
}

http::Response graph_error(const GraphFailure& failure, std::string_view version, base::Random& random)
{
    const auto trace = "A" + random.token(16);
    ordered_json error{{"message", failure.message}, {"type", failure.type}};
    if (failure.transient) error["is_transient"] = true;
    if (failure.code != 0) error["code"] = failure.code; // the recorded ones of batches have none
    if (failure.subcode != 0) error["error_subcode"] = failure.subcode;
    error["fbtrace_id"] = trace;

    auto response = with_headers(failure.status, graph_json({{"error", error}}), version, "no-store");
    response.headers.add("X-FB-Trace-ID", trace);
    if (failure.type == "OAuthException") {
        const auto reason = failure.code == 190 ? "invalid_token" : "invalid_request";
        response.headers.add("WWW-Authenticate", std::string(R"(OAuth "Facebook Platform" ")") + reason + "\" \"" + failure.message + '"');
    }
    return response;
}

} // namespace sportello::simulator
