#include "graph_input.hpp"

#include <algorithm>

namespace sportello::simulator {
using nlohmann::json;
namespace {

/// The value of `name="…"` in a part's header; nothing when it has none.
std::optional<std::string> attribute(std::string_view header, std::string_view name)
{
    const auto wanted = " " + std::string(name) + "=\"";
    const auto at = header.find(wanted);
    if (at == std::string_view::npos) return std::nullopt;
    const auto begin = at + wanted.size();
    return std::string(header.substr(begin, header.find('"', begin) - begin));
}

std::string media_type_of(std::string_view header)
{
    constexpr std::string_view name = "Content-Type: ";
    const auto at = header.find(name);
    if (at == std::string_view::npos) return {};
    const auto begin = at + name.size();
    return std::string(header.substr(begin, header.find("\r\n", begin) - begin));
}

void read_multipart(std::string_view body, std::string_view type, GraphInput& input)
{
    const auto at = type.find("boundary=");
    if (at == std::string_view::npos) throw GraphFailure{400, 100, "(#100) The form names no boundary"};
    auto boundary = type.substr(at + 9);
    boundary = boundary.substr(0, boundary.find(';'));
    if (boundary.starts_with('"') && boundary.ends_with('"') && boundary.size() > 1) boundary = boundary.substr(1, boundary.size() - 2);
    const auto line = "--" + std::string(boundary);
    auto start = body.find(line);
    while (start != std::string_view::npos) {
        start += line.size() + 2;
        const auto end = start > body.size() ? std::string_view::npos : body.find("\r\n" + line, start);
        if (end == std::string_view::npos) return;
        const auto part = body.substr(start, end - start);
        const auto blank = part.find("\r\n\r\n");
        if (blank != std::string_view::npos) {
            const auto header = part.substr(0, blank);
            const std::string content(part.substr(blank + 4));
            const auto name = attribute(header, "name").value_or("");
            if (const auto file = attribute(header, "filename")) {
                input.files[name] = {*file, media_type_of(header), content};
            } else {
                input.parameters[name] = content;
            }
        }
        start = end + 2;
    }
}

} // namespace

GraphInput read_graph_input(const http::Request& request)
{
    GraphInput input;
    for (const auto& [name, value] : request.query) input.parameters[name] = value;
    if (request.body.empty()) return input;
    const auto type = request.headers.find("Content-Type").value_or("");
    if (type.starts_with("multipart/form-data")) {
        read_multipart(request.body, type, input);
    } else if (type.find("json") == std::string_view::npos) {
        for (const auto& [name, value] : http::Parameters::parse(request.body)) input.parameters[name] = value;
    } else {
        const auto body = json::parse(request.body, nullptr, false);
        if (!body.is_object()) throw GraphFailure{400, 100, "(#100) The request body is not a JSON object"};
        for (const auto& [name, value] : body.items()) input.parameters[name] = value.is_string() ? value.get<std::string>() : value.dump();
    }
    return input;
}

json lenient_json(std::string text)
{
    auto value = json::parse(text, nullptr, false);
    if (!value.is_discarded()) return value;
    std::ranges::replace(text, '\'', '"');
    std::string quoted;
    bool inside = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.'; };
        if (text[i] == '"') inside = !inside;
        if (inside || !is_word(text[i])) {
            quoted += text[i];
            continue;
        }
        std::string word;
        for (; i < text.size() && is_word(text[i]); ++i) word += text[i];
        --i;
        quoted += word == "true" || word == "false" || word == "null" ? word : '"' + word + '"';
    }
    return json::parse(quoted, nullptr, false);
}

} // namespace sportello::simulator
