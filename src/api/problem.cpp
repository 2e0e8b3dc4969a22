#include "problem.hpp"

#include "json_writer.hpp"

namespace sportello::api {
namespace {

using base::ErrorKind;

std::string_view title_of(int status)
{
    switch (status) {
    case 400:
        return "The request cannot be understood";
    case 401:
        return "Log in first";
    case 403:
        return "Not allowed";
    case 404:
        return "Not found";
    case 405:
        return "No such method here";
    case 409:
        return "Somebody was faster, or it is too late";
    case 412:
        return "Changed in the meantime";
    case 413:
        return "Too large";
    case 415:
        return "JSON expected";
    case 421:
        return "Another server's name";
    case 423:
        return "Held by somebody else";
    case 422:
        return "Some values are not right";
    case 426:
        return "WebSocket expected";
    case 429:
        return "Too many attempts";
    case 503:
        return "Not possible right now";
    default:
        return "A defect of ours";
    }
}

} // namespace

Problem problem_of(const base::Error& error)
{
    Problem problem{.detail = error.what(), .errors = error.fields()};
    switch (error.kind()) {
    case ErrorKind::invalid_input:
        problem.status = 422, problem.code = "invalid_input";
        if (!error.fields().empty() && error.fields().front().pointer == "header:Idempotency-Key") {
            problem.code = "idempotency_mismatch";
        }
        break;
    case ErrorKind::unauthenticated:
        problem.status = 401, problem.code = "unauthenticated";
        break;
    case ErrorKind::forbidden:
        problem.status = 403, problem.code = "forbidden";
        break;
    case ErrorKind::not_found:
        problem.status = 404, problem.code = "not_found";
        break;
    case ErrorKind::conflict:
        problem.status = 409, problem.code = "conflict";
        break;
    case ErrorKind::too_many:
        problem.status = 429, problem.code = "too_many", problem.retry_after_seconds = 1;
        break;
    case ErrorKind::unavailable:
        problem.status = 503, problem.code = "unavailable", problem.retry_after_seconds = 1;
        problem.detail = "The storage cannot be used right now; nothing was changed. Try again in a moment.";
        problem.errors.clear();
        break;
    case ErrorKind::internal:
        problem.detail = "Something went wrong on our side; it is in the server's log under this request_id.";
        problem.errors.clear();
        break;
    }
    return problem;
}

http::Response to_response(const Problem& problem, std::string_view request_id)
{
    std::string body;
    JsonWriter json(body);
    json.open_object()
        .member("type", "about:blank")
        .member("title", title_of(problem.status))
        .member("status", problem.status)
        .member("detail", problem.detail)
        .member("code", problem.code)
        .member("request_id", request_id);
    if (!problem.errors.empty()) {
        json.key("errors").open_array();
        for (const auto& [pointer, detail] : problem.errors) {
            json.open_object().member("pointer", pointer).member("detail", detail).close_object();
        }
        json.close_array();
    }
    if (!problem.missed.empty()) json.key("missed").raw(problem.missed);
    json.close_object();

    auto response = http::Response::json(problem.status, std::move(body));
    response.headers.set("Content-Type", "application/problem+json; charset=utf-8");
    if (problem.retry_after_seconds > 0) { response.headers.set("Retry-After", std::to_string(problem.retry_after_seconds)); }
    return response;
}

} // namespace sportello::api
