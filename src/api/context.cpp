#include "context.hpp"

#include "query.hpp"

#include <sportello/base/digest.hpp>

namespace sportello::api {

base::Result<std::int64_t> path_id(const Call& call)
{
    const auto text = call.request.path_parameter("id");
    const auto id = read_number(text);
    if (id && *id > 0) return *id;
    return base::Error(base::ErrorKind::not_found, "There is nothing at " + call.request.path + ".");
}

std::string_view idempotency_key(const Call& call)
{
    return call.request.headers.find("Idempotency-Key").value_or("");
}

engine::Command command(const Call& call)
{
    engine::Command command{
        .actor = call.caller->actor(), .cause = {}, .idempotency_key = {}, .request_hash = {}, .from = call.request.remote_address};
    const auto key = idempotency_key(call);
    if (key.empty()) return command;
    command.cause = command.idempotency_key = key;
    const auto& request = call.request;
    command.request_hash = base::sha256_hex(std::string(to_string(request.method)) + ' ' + request.target + '\n' + request.body);
    return command;
}

http::Response json_response(int status, std::string body)
{
    return http::Response::json(status, std::move(body));
}

http::Response json_response(int status, std::string body, std::int32_t revision)
{
    auto response = json_response(status, std::move(body));
    response.headers.set("ETag", entity_tag(revision));
    return response;
}

std::string entity_tag(std::int32_t revision)
{
    return '"' + std::to_string(revision) + '"';
}

std::optional<std::int32_t> wanted_revision(const http::Request& request)
{
    const auto field = request.headers.find("If-Match");
    if (!field || *field == "*") return std::nullopt;
    auto text = *field;
    if (text.starts_with("W/")) text.remove_prefix(2);
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    const auto number = read_number(text.substr(0, text.find('-'))); // what is behind the dash is of clocks and routes
    return number && *number <= INT32_MAX ? static_cast<std::int32_t>(*number) : -1;
}

http::Response refuse_revision(const Call& call, std::string_view what, std::int32_t present)
{
    return call.refuse(
        {.status = 412,
         .code = "precondition_failed",
         .detail = "The " + std::string(what) + " has changed since you read it; its ETag is now " + entity_tag(present) + ".",
         .errors = {}});
}

} // namespace sportello::api
