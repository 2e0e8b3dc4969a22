#include "declared.hpp"

#include <sportello/api/api.hpp>

#include <nlohmann/json.hpp>

#include <cctype>
#include <map>

namespace sportello::api {
namespace {

using nlohmann::json;
using ParameterNames = std::set<std::string, std::less<>>;

void add_query_parameters(const json& contract, const json& holder, ParameterNames& names)
{
    if (!holder.contains("parameters")) return;
    for (const auto& one : holder.at("parameters")) {
        const auto& parameter = one.contains("$ref") ? contract.at(json::json_pointer(one.at("$ref").get<std::string>().substr(1))) : one;
        if (parameter.at("in") == "query") names.insert(parameter.at("name").get<std::string>());
    }
}

/// By "get /v1/tickets".
std::map<std::string, ParameterNames, std::less<>> read_declarations()
{
    const json contract = json::parse(openapi_json());
    std::map<std::string, ParameterNames, std::less<>> all;
    for (const auto& [path, item] : contract.at("paths").items()) {
        for (const auto& [method, operation] : item.items()) {
            if (method == "parameters") continue;
            auto& names = all[method + ' ' + path];
            add_query_parameters(contract, item, names);
            add_query_parameters(contract, operation, names);
        }
    }
    return all;
}

} // namespace

const std::set<std::string, std::less<>>& declared_parameters(http::Method method, std::string_view pattern)
{
    static const auto all = read_declarations();
    static const ParameterNames none;
    std::string key(to_string(method));
    for (char& c : key) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const auto found = all.find(key.append(" ").append(pattern));
    return found == all.end() ? none : found->second;
}

} // namespace sportello::api
