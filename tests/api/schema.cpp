#include "schema.hpp"

#include <sportello/api/api.hpp>
#include <sportello/base/text.hpp>
#include <sportello/base/time.hpp>

#include <algorithm>
#include <regex>
#include <set>

namespace sportello::test {
namespace {

using nlohmann::json;

// A longer text would overflow the stack; what bounds it says maxLength.
constexpr std::size_t longest_matched = 2000;

bool has_type(const json& value, const std::string& type)
{
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.is_boolean();
    return type == "null" && value.is_null();
}

bool fits_type(const json& schema, const json& value)
{
    const auto& type = schema.at("type");
    if (type.is_string()) return has_type(value, type.get<std::string>());
    return std::any_of(type.begin(), type.end(), [&](const json& one) { return has_type(value, one.get<std::string>()); });
}

/// The members that a schema names, those of its allOf included.
void collect_members(const json& given, json& members, std::vector<std::string>& required)
{
    const auto& schema = resolve(given);
    if (schema.contains("allOf")) {
        for (const auto& part : schema.at("allOf")) collect_members(part, members, required);
    }
    if (schema.contains("properties")) members.update(schema.at("properties"));
    if (schema.contains("required")) {
        for (const auto& name : schema.at("required")) required.push_back(name.get<std::string>());
    }
}

void check_object(const json& schema, const json& value, const std::string& place, std::vector<std::string>& found)
{
    json members = json::object();
    std::vector<std::string> required;
    collect_members(schema, members, required);
    for (const auto& name : required) {
        if (!value.contains(name)) found.push_back(place + ": " + name + " is missing");
    }
    const auto& others = schema.contains("additionalProperties") ? schema.at("additionalProperties") : json(false);
    const bool open = members.empty() && !schema.contains("additionalProperties");
    for (const auto& [name, member] : value.items()) {
        const auto inside = place + "/" + name;
        if (members.contains(name)) {
            const auto more = violations(members.at(name), member, inside);
            found.insert(found.end(), more.begin(), more.end());
        } else if (others.is_object()) {
            const auto more = violations(others, member, inside);
            found.insert(found.end(), more.begin(), more.end());
        } else if (!open) {
            found.push_back(inside + ": is not in the contract");
        }
    }
}

/// The words of a schema that bound a value, each with what it counts.
void check_bounds(const json& schema, const json& value, const std::string& place, std::vector<std::string>& found)
{
    const auto outside = [&](const char* least, const char* most, const json& size) {
        if (schema.contains(least) && size < schema.at(least)) found.push_back(place + ": less than " + least);
        if (schema.contains(most) && size > schema.at(most)) found.push_back(place + ": more than " + most);
    };
    if (value.is_number()) outside("minimum", "maximum", value);
    if (value.is_string()) outside("minLength", "maxLength", base::count_code_points(value.get<std::string>()));
    if (value.is_object()) outside("minProperties", "maxProperties", value.size());
    if (!value.is_array()) return;
    outside("minItems", "maxItems", value.size());
    if (!schema.value("uniqueItems", false)) return;
    const std::set<json> different(value.begin(), value.end());
    if (different.size() < value.size()) found.push_back(place + ": something is there twice");
}

} // namespace

const json& contract()
{
    static const json parsed = json::parse(api::openapi_json());
    return parsed;
}

const json& resolve(const json& schema)
{
    if (!schema.contains("$ref")) return schema;
    const auto pointer = schema.at("$ref").get<std::string>().substr(1);
    return resolve(contract().at(json::json_pointer(pointer)));
}

std::vector<std::string> violations(const json& given, const json& value, const std::string& place)
{
    const auto& schema = resolve(given);
    std::vector<std::string> found;
    if (schema.contains("oneOf")) {
        std::vector<std::string> last;
        std::size_t fits = 0;
        for (const auto& choice : schema.at("oneOf")) {
            auto wrong = violations(choice, value, place);
            if (wrong.empty()) ++fits;
            else if (!wrong.empty() && !resolve(choice).contains("type")) last = wrong;
            else if (!value.is_null() && resolve(choice).at("type") != "null") last = wrong;
        }
        if (fits != 1) {
            found.push_back(place + ": fits " + std::to_string(fits) + " of the choices");
            found.insert(found.end(), last.begin(), last.end());
        }
        return found;
    }
    if (schema.contains("type") && !fits_type(schema, value)) {
        return {place + ": " + value.dump() + " is not of type " + schema.at("type").dump()};
    }
    if (schema.contains("enum")) {
        const auto& words = schema.at("enum");
        if (std::find(words.begin(), words.end(), value) == words.end()) found.push_back(place + ": " + value.dump() + " is no word of it");
    }
    if (value.is_string() && schema.contains("pattern") && value.get_ref<const std::string&>().size() < longest_matched) {
        const std::regex pattern(schema.at("pattern").get<std::string>());
        if (!std::regex_search(value.get<std::string>(), pattern)) found.push_back(place + ": " + value.dump() + " fits no pattern");
    }
    if (value.is_string() && schema.value("format", "") == "date-time" && !base::parse_rfc3339(value.get<std::string>())) {
        found.push_back(place + ": " + value.dump() + " is no time");
    }
    check_bounds(schema, value, place, found);
    if (value.is_object()) check_object(schema, value, place, found);
    if (value.is_array() && schema.contains("items")) {
        for (std::size_t at = 0; at < value.size(); ++at) {
            const auto more = violations(schema.at("items"), value.at(at), place + "/" + std::to_string(at));
            found.insert(found.end(), more.begin(), more.end());
        }
    }
    return found;
}

bool member(const json& schema, const std::string& name)
{
    json members = json::object();
    std::vector<std::string> required;
    collect_members(schema, members, required);
    return members.contains(name);
}

const json* answer_schema(const std::string& method, const std::string& route, int status, const std::string& type)
{
    const auto& paths = contract().at("paths");
    if (!paths.contains(route) || !paths.at(route).contains(method)) return nullptr;
    const auto& responses = paths.at(route).at(method).at("responses");
    const auto code = std::to_string(status);
    const bool success = status < 400;
    if (!responses.contains(code) && (success || !responses.contains("default"))) return nullptr;
    const auto& response = resolve(responses.at(responses.contains(code) ? code : "default"));
    if (!response.contains("content") || !response.at("content").contains(type)) return nullptr;
    return &response.at("content").at(type).at("schema");
}

} // namespace sportello::test
