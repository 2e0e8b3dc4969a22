#include "graph_batch.hpp"

#include "text_list.hpp"

#include <algorithm>
#include <span>

namespace sportello::simulator {
using nlohmann::json;
namespace {

constexpr std::size_t most_operations = 50;

GraphFailure batch_failure(std::string message)
{
    return {400, 0, std::move(message), 0, "GraphBatchException"};
}

/// The values at a path like `$.data.*.id` or `$.data[0].id`, as one list.
void collect(const json& value, std::vector<std::string> path, std::string& list)
{
    if (path.empty()) {
        if (value.is_structured()) return;
        list += (list.empty() ? "" : ",") + (value.is_string() ? value.get<std::string>() : value.dump());
        return;
    }
    const auto step = path.front();
    path.erase(path.begin());
    if (step == "*") {
        for (const auto& one : value) {
            if (value.is_structured()) collect(one, path, list);
        }
    } else if (value.is_object() && value.contains(step)) {
        collect(value[step], path, list);
    } else if (value.is_array() && step.find_first_not_of("0123456789") == std::string::npos && step.size() < 4) {
        const auto at = static_cast<std::size_t>(std::stoi(step));
        if (at < value.size()) collect(value[at], path, list);
    }
}

struct Operation {
    json given;
    std::string name;
    bool left_out = false; ///< its answer, when it went well
    std::optional<json> result;
    int code = 0;
};

/// Fills `{result=name:$.path}` in; answers the names that it leans on.
std::string fill_in(const std::string& text, std::size_t number, std::span<const Operation> earlier)
{
    constexpr std::string_view opening = "{result=";
    std::string filled;
    std::size_t at = 0;
    for (auto found = text.find(opening); found != std::string::npos; found = text.find(opening, at)) {
        filled += text.substr(at, found - at);
        const auto end = text.find('}', found);
        const auto colon = text.find(':', found);
        if (end == std::string::npos || colon == std::string::npos || colon > end) throw batch_failure("Invalid JSONPath");
        const auto name = text.substr(found + opening.size(), colon - found - opening.size());
        const auto source = std::ranges::find_if(earlier, [&](const Operation& one) { return one.name == name; });
        if (source == earlier.end() || !source->result) {
            throw batch_failure("Request " + std::to_string(number) + " cannot depend on an unresolved request with name " + name);
        }
        auto path = text.substr(colon + 1, end - colon - 1);
        if (path.starts_with("$.")) path = path.substr(2);
        std::ranges::replace(path, '[', '.');
        std::erase(path, ']');
        std::string list;
        collect(*source->result, split_list(path, '.'), list);
        filled += list;
        at = end + 1;
    }
    return filled + text.substr(at);
}

http::Request request_of(const http::Request& outer, const GraphInput& input, const Operation& operation, std::size_t number,
                         std::span<const Operation> earlier)
{
    const auto& given = operation.given;
    http::Request request;
    request.method = http::parse_method(given.value("method", "GET")).value_or(http::Method::get);
    request.headers = outer.headers;
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    request.headers.set("If-None-Match", "");
    for (const auto& header : given.value("headers", json::array())) { // "Name: value"
        if (!header.is_string()) continue;
        const auto line = header.get<std::string>();
        if (const auto colon = line.find(": "); colon != std::string::npos)
            request.headers.set(line.substr(0, colon), line.substr(colon + 2));
    }
    request.secure = outer.secure;
    auto address = fill_in(given.at("relative_url").get<std::string>(), number, earlier);
    if (address.starts_with('/')) address.erase(0, 1);
    const auto question = address.find('?');
    request.path = outer.path + (outer.path.ends_with('/') ? "" : "/") + address.substr(0, question);
    for (const char* name : {"access_token", "appsecret_proof", "appsecret_time"}) {
        if (const auto value = input.text(name); !value.empty()) request.query.add(name, value);
    }
    if (question != std::string::npos) {
        for (const auto& [name, value] : http::Parameters::parse(address.substr(question + 1))) request.query.add(name, value);
    }
    if (given.contains("access_token")) request.query.add("access_token", given["access_token"].get<std::string>());
    request.body = fill_in(given.value("body", ""), number, earlier);
    const auto files = split_list(given.value("attached_files", ""));
    if (files.empty()) return request;
    // Its files come with the batch as a whole, under names of their own.
    std::string body;
    for (const auto& [name, value] : http::Parameters::parse(request.body)) {
        body += "--part\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    }
    for (const auto& name : files) {
        const auto file = input.files.find(name);
        if (file == input.files.end()) throw batch_failure("File " + name + " has not been attached");
        body += "--part\r\nContent-Disposition: form-data; name=\"source\"; filename=\"" + file->second.name +
                "\"\r\nContent-Type: " + file->second.media_type + "\r\n\r\n" + file->second.bytes + "\r\n";
    }
    request.body = body + "--part--\r\n";
    request.headers.set("Content-Type", "multipart/form-data; boundary=part");
    return request;
}

ordered_json shown(const http::Response& response, bool with_headers)
{
    ordered_json out{{"code", response.status}};
    if (with_headers) {
        out["headers"] = ordered_json::array();
        for (const auto& [name, value] : response.headers) {
            const bool type = name == "Content-Type";
            out["headers"].push_back({{"name", name}, {"value", type ? "text/javascript; charset=UTF-8" : value}});
        }
    }
    out["body"] = response.body;
    return out;
}

std::vector<Operation> read_operations(const std::string& batch)
{
    const auto given = lenient_json(batch);
    if (!given.is_array() || given.empty()) throw batch_failure("batch parameter must be a JSON array");
    if (given.size() > most_operations) throw batch_failure("Too many requests in batch message. Maximum batch size is 50");
    std::vector<Operation> operations;
    for (const auto& one : given) {
        const bool readable = one.is_object() && one.contains("relative_url") && one["relative_url"].is_string() &&
                              one.value("method", json("GET")).is_string() && one.value("body", json("")).is_string() &&
                              one.value("headers", json::array()).is_array() && one.value("attached_files", json("")).is_string() &&
                              one.value("access_token", json("")).is_string() && one.value("name", json("")).is_string();
        if (!readable) throw batch_failure("Only method, relative_url, body, headers, access_token and name as texts are understood");
        operations.push_back({one, one.value("name", ""), false, std::nullopt, 0});
    }
    const auto text = given.dump();
    for (auto& operation : operations) {
        const bool leaned_on = !operation.name.empty() && (text.find("{result=" + operation.name + ":") != std::string::npos ||
                                                           text.find("\"depends_on\":\"" + operation.name + "\"") != std::string::npos);
        operation.left_out = operation.given.value("omit_response_on_success", json(leaned_on)) == true;
    }
    return operations;
}

} // namespace

bool only_reads(const std::string& batch)
{
    const auto given = lenient_json(batch);
    return given.is_array() &&
           std::ranges::all_of(given, [](const json& one) { return one.is_object() && one.value("method", json("GET")) == "GET"; });
}

ordered_json run_graph_batch(const http::Request& outer, const GraphInput& input,
                             const std::function<http::Response(const http::Request&)>& run)
{
    auto operations = read_operations(input.text("batch"));
    const auto wanted = input.text("include_headers");
    const bool with_headers = wanted != "false" && wanted != "0";
    ordered_json answers = ordered_json::array();
    for (std::size_t number = 0; number < operations.size(); ++number) {
        auto& operation = operations[number];
        const std::span<const Operation> earlier(operations.data(), number);
        if (const auto needed = operation.given.value("depends_on", json("")); needed.is_string() && needed != "") {
            const auto source = std::ranges::find_if(earlier, [&](const Operation& one) { return one.name == needed.get<std::string>(); });
            if (source == earlier.end()) {
                throw batch_failure("Request " + std::to_string(number) + " cannot depend on an unresolved request with name " +
                                    needed.get<std::string>());
            }
            if (source->code != 200) {
                answers.push_back(nullptr);
                continue;
            }
        }
        const auto response = run(request_of(outer, input, operation, number, earlier));
        operation.code = response.status;
        if (response.status == 200) operation.result = json::parse(response.body, nullptr, false);
        if (response.status == 200 && operation.left_out) {
            answers.push_back(nullptr);
        } else {
            answers.push_back(shown(response, with_headers));
        }
    }
    return answers;
}

} // namespace sportello::simulator
