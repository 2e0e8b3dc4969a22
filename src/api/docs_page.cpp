#include "docs_page.hpp"

#include <sportello/api/api.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>
#include <vector>

namespace sportello::api {
namespace {

using Json = nlohmann::ordered_json;

std::string escaped(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (c == '&') out += "&amp;";
        else if (c == '<') out += "&lt;";
        else if (c == '>') out += "&gt;";
        else if (c == '"') out += "&quot;";
        else out += c;
    }
    return out;
}

/// What stands between two marks in element `tag`; a mark without its partner stays as it is.
std::string marked(const std::string& text, std::string_view mark, std::string_view tag)
{
    std::string out;
    std::size_t at = 0;
    while (true) {
        const auto begin = text.find(mark, at);
        const auto end = begin == std::string::npos ? begin : text.find(mark, begin + mark.size());
        if (end == std::string::npos) return out.append(text, at);
        out.append(text, at, begin - at);
        out.append("<").append(tag).append(">").append(text, begin + mark.size(), end - begin - mark.size());
        out.append("</").append(tag).append(">");
        at = end + mark.size();
    }
}

constexpr std::string_view style = R"css(
:root { color-scheme: light dark; --ink: light-dark(#151a20, #e9ecf0); --soft: light-dark(#434d5a, #b8c1cc);
    --ground: light-dark(#fff, #14181d); --raised: light-dark(#eef0f3, #0c0f13); --line: light-dark(#d3d9e0, #2b333d);
    --accent: light-dark(#0a5f6b, #6fd0da); }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; color: var(--ink); background: var(--ground);
    display: grid; grid-template-columns: minmax(14rem, 20rem) minmax(0, 1fr); }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1.5rem 1rem; background: var(--raised); border-right: 1px solid var(--line);
    font-size: .875rem; }
nav ul { list-style: none; margin: 0 0 1rem; padding: 0; }
nav li a { display: block; padding: .2rem .4rem; color: inherit; text-decoration: none; border-radius: 4px; overflow-wrap: anywhere; }
nav li a:hover, nav li a:focus-visible { background: var(--line); }
nav h2 { font-size: .8rem; margin: 1rem 0 .3rem; color: var(--soft); text-transform: uppercase; letter-spacing: .04em; }
main { padding: 2rem clamp(1rem, 4vw, 4rem); max-width: 68rem; }
h1 { font-size: 2rem; line-height: 1.2; } main h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); }
h3 { margin: 0; font-size: 1rem; font-weight: 600; } a { color: var(--accent); }
section.op { margin: 1.5rem 0; padding: 1rem 1.25rem; border: 1px solid var(--line); border-radius: 8px; scroll-margin-top: 1rem; }
code, pre { font: .875em/1.5 ui-monospace, "DejaVu Sans Mono", monospace; background: var(--raised); border-radius: 4px; }
code { padding: .1em .3em; overflow-wrap: anywhere; } pre { padding: .75rem; overflow: auto; max-height: 24rem; }
.verb { display: inline-block; min-width: 4.5em; font-weight: 700; color: var(--accent); } .role, .type { color: var(--soft); font-size: .875rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; font-size: .9rem; } caption { text-align: left; font-weight: 600; padding: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-top: 1px solid var(--line); } th { font-weight: 500; }
details { margin: .5rem 0; } summary { cursor: pointer; color: var(--accent); }
@media (max-width: 48rem) { body { display: block; } nav { position: static; height: auto; max-height: 40vh; } }
@media print { body { display: block; } nav { display: none; } }
)css";

class DocsPage {
public:
    explicit DocsPage(const Json& contract) : contract_(contract) {}

    std::string write()
    {
        out_ = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, "
               "initial-scale=1\"><title>Sportello: the API</title><link rel=\"stylesheet\" href=\"/docs/style.css\"></head><body>";
        navigation();
        out_ += "<main><h1>" + text_of(contract_.at("info"), "title") + ": the API, version " + text_of(contract_.at("info"), "version") +
                "</h1>";
        out_ += prose(contract_.at("info").value("description", ""));
        out_ += "<p>The same as a document for programs (OpenAPI 3.1): <a href=\"/openapi.json\"><code>/openapi.json</code></a>.</p>";
        for (const auto& tag : contract_.at("tags")) group(tag);
        errors();
        schemas();
        out_ += "</main></body></html>";
        return std::move(out_);
    }

private:
    using Each = std::function<void(const std::string& path, const std::string& method, const Json& operation)>;

    static std::string text_of(const Json& node, const char* name) { return escaped(node.value(name, "")); }

    [[nodiscard]] const Json& resolve(const Json& node) const
    {
        const auto* at = &node;
        while (at->contains("$ref")) at = &contract_.at(Json::json_pointer(at->at("$ref").get<std::string>().substr(1)));
        return *at;
    }

    void each_of(const std::string& tag, const Each& each) const
    {
        for (const auto& [path, item] : contract_.at("paths").items()) {
            for (const auto& [method, operation] : item.items()) {
                if (method == "parameters") continue;
                const auto& tags = operation.at("tags");
                if (!tags.empty() && tags.front() == tag) each(path, method, operation);
            }
        }
    }

    void navigation()
    {
        out_ += "<nav aria-label=\"Contents\"><p><strong>Sportello</strong></p>";
        for (const auto& tag : contract_.at("tags")) {
            out_ += "<h2>" + text_of(tag, "name") + "</h2><ul>";
            each_of(tag.at("name"), [&](const std::string&, const std::string&, const Json& operation) {
                out_ += "<li><a href=\"#" + text_of(operation, "operationId") + "\">" + text_of(operation, "summary") + "</a></li>";
            });
            out_ += "</ul>";
        }
        out_ += "<h2>shapes</h2><ul><li><a href=\"#errors\">What errors look like</a></li><li><a href=\"#shapes\">What bodies "
                "hold</a></li></ul></nav>";
    }

    void group(const Json& tag)
    {
        out_ += "<h2>" + text_of(tag, "name") + "</h2>" + prose(tag.value("description", ""));
        each_of(tag.at("name"), [&](const std::string& path, const std::string& method, const Json& op) { operation(path, method, op); });
    }

    void operation(const std::string& path, const std::string& method, const Json& op)
    {
        std::string verb = method;
        for (char& c : verb) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        out_ += "<section class=\"op\" id=\"" + text_of(op, "operationId") + "\"><h3><span class=\"verb\">" + verb + "</span> <code>" +
                escaped(path) + "</code></h3>";
        out_ +=
            "<p>" + marked(text_of(op, "summary"), "`", "code") + " <span class=\"role\">For: " + text_of(op, "x-role") + ".</span></p>";
        out_ += prose(op.value("description", ""));
        parameters(path, op);
        if (op.contains("requestBody")) body("Body", resolve(op.at("requestBody")));
        answers(op);
        out_ += "</section>";
    }

    void parameters(const std::string& path, const Json& op)
    {
        std::string rows;
        const auto& item = contract_.at("paths").at(path);
        for (const auto* holder : {&item, &op}) {
            if (!holder->contains("parameters")) continue;
            for (const auto& one : holder->at("parameters")) {
                const auto& parameter = resolve(one);
                rows += "<tr><th scope=\"row\"><code>" + text_of(parameter, "name") + "</code></th><td class=\"type\">" +
                        text_of(parameter, "in") + ", " + type_of(parameter.at("schema")) + "</td><td>" +
                        marked(text_of(parameter, "description"), "`", "code") + "</td></tr>";
            }
        }
        if (!rows.empty()) out_ += "<table><caption>Parameters</caption>" + rows + "</table>";
    }

    void body(std::string_view title, const Json& holder)
    {
        if (!holder.contains("content")) return;
        for (const auto& [media, content] : holder.at("content").items()) {
            if (media == "application/problem+json" || !content.contains("schema")) continue;
            out_ += "<p>" + std::string(title) + ": <code>" + escaped(media) + "</code>, " + type_of(content.at("schema")) + "</p>";
            members(content.at("schema"), 0);
            example(content);
        }
    }

    void example(const Json& content, const std::string& title = "Example")
    {
        if (!content.contains("example")) return;
        const auto& shown = content.at("example");
        out_ += "<details><summary>" + title + "</summary><pre>" + escaped(shown.is_string() ? shown.get<std::string>() : shown.dump(2)) +
                "</pre></details>";
    }

    /// Null for what is no problem.
    static const Json* problem_in(const Json& response)
    {
        if (!response.contains("content") || !response.at("content").contains("application/problem+json")) return nullptr;
        return &response.at("content").at("application/problem+json");
    }

    void answers(const Json& op)
    {
        std::string rows;
        const Json* success = nullptr;
        for (const auto& [status, given] : op.at("responses").items()) {
            const auto& response = resolve(given);
            if (success == nullptr && status.starts_with('2')) success = &response;
            rows += "<tr><th scope=\"row\">" + status_of(status, given) + "</th><td>" +
                    marked(text_of(response, "description"), "`", "code") + "</td></tr>";
        }
        out_ += "<table><caption>Answers</caption>" + rows + "</table>";
        if (success != nullptr) body("Answer", *success);
        for (const auto& [status, given] : op.at("responses").items()) {
            const auto* own = given.contains("$ref") ? nullptr : problem_in(given);
            if (own != nullptr) example(*own, "Example of " + escaped(status));
        }
    }

    /// With a link to the example where several operations fail alike.
    [[nodiscard]] std::string status_of(const std::string& status, const Json& given) const
    {
        const auto word = "<code>" + escaped(status) + "</code>";
        if (!given.contains("$ref") || problem_in(resolve(given)) == nullptr) return word;
        const auto reference = given.at("$ref").get<std::string>();
        return "<a href=\"#error-" + escaped(reference.substr(reference.rfind('/') + 1)) + "\">" + word + "</a>";
    }

    /// In words, with a link where the shape has a name.
    std::string type_of(const Json& schema) const
    {
        if (schema.contains("$ref")) {
            const auto reference = schema.at("$ref").get<std::string>();
            const auto name = escaped(reference.substr(reference.rfind('/') + 1));
            const auto& meant = resolve(schema);
            if (meant.contains("properties") || meant.contains("allOf")) return "<a href=\"#shape-" + name + "\">" + name + "</a>";
            return type_of(meant);
        }
        for (const auto* word : {"oneOf", "anyOf", "allOf"}) {
            if (!schema.contains(word)) continue;
            std::string all;
            for (const auto& one : schema.at(word))
                all += (all.empty() ? "" : word == std::string_view("allOf") ? " and " : " or ") + type_of(one);
            return all;
        }
        if (schema.contains("enum")) {
            std::string words;
            for (const auto& word : schema.at("enum")) {
                words += (words.empty() ? "" : " | ") +
                         ("<code>" + escaped(word.is_string() ? word.get<std::string>() : word.dump()) + "</code>");
            }
            return words;
        }
        if (schema.contains("items")) return "list of " + type_of(schema.at("items"));
        return plain_type(schema);
    }

    static std::string plain_type(const Json& schema)
    {
        std::string type = "anything";
        if (schema.contains("type")) {
            const auto& given = schema.at("type");
            type.clear();
            if (given.is_string()) type = given.get<std::string>();
            else
                for (const auto& one : given) type += (type.empty() ? "" : " or ") + one.get<std::string>();
        }
        if (schema.contains("format")) type += " (" + schema.at("format").get<std::string>() + ")";
        for (const auto& [name, words] : {std::pair{"minimum", "from"}, std::pair{"maximum", "to"}, std::pair{"minLength", "at least"},
                                          std::pair{"maxLength", "at most"}, std::pair{"default", "usually"}}) {
            if (schema.contains(name)) type += std::string(", ") + words + " " + schema.at(name).dump();
        }
        return escaped(type);
    }

    void members(const Json& given, int depth)
    {
        if (given.contains("$ref") && depth == 0 && resolve(given).contains("properties") &&
            given.at("$ref").get<std::string>().find("DocsPage") == std::string::npos) {
            return; // it has a table of its own
        }
        const auto& schema = resolve(given);
        std::set<std::string> required;
        if (schema.contains("required")) {
            for (const auto& name : schema.at("required")) required.insert(name.get<std::string>());
        }
        std::string rows;
        if (schema.contains("properties")) {
            for (const auto& [name, member] : schema.at("properties").items()) rows += row(name, member, required.contains(name));
        }
        if (!rows.empty()) out_ += "<table>" + rows + "</table>";
    }

    std::string row(const std::string& name, const Json& member, bool required) const
    {
        const auto description = member.contains("description") ? text_of(member, "description") : text_of(resolve(member), "description");
        return "<tr><th scope=\"row\"><code>" + escaped(name) + "</code></th><td class=\"type\">" + type_of(member) +
               (required ? "" : ", may be missing") + "</td><td>" + marked(description, "`", "code") + "</td></tr>";
    }

    /// What failures that several operations share look like, once.
    void errors()
    {
        out_ += "<h2 id=\"errors\">What errors look like</h2>";
        for (const auto& [name, response] : contract_.at("components").at("responses").items()) {
            const auto* problem = problem_in(response);
            if (problem == nullptr) continue;
            out_ += "<section class=\"op\" id=\"error-" + escaped(name) + "\"><h3>" + escaped(name) + "</h3><p>" +
                    marked(text_of(response, "description"), "`", "code") + "</p>";
            example(*problem);
            out_ += "</section>";
        }
    }

    void schemas()
    {
        out_ += "<h2 id=\"shapes\">What bodies hold</h2>";
        for (const auto& [name, schema] : contract_.at("components").at("schemas").items()) {
            if (!schema.contains("properties") && !schema.contains("allOf")) continue;
            out_ += "<section class=\"op\" id=\"shape-" + escaped(name) + "\"><h3>" + escaped(name) + "</h3>" +
                    prose(schema.value("description", ""));
            shape(schema);
            out_ += "</section>";
        }
    }

    void shape(const Json& schema)
    {
        if (schema.contains("allOf")) {
            for (const auto& part : schema.at("allOf")) {
                if (part.contains("$ref")) out_ += "<p>All of " + type_of(part) + ", and:</p>";
                else members(part, 1);
            }
        }
        members(schema, 1);
    }

    const Json& contract_;
    std::string out_;
};

} // namespace

std::string prose(std::string_view text)
{
    std::string out;
    while (!text.empty()) {
        const auto end = std::min(text.find("\n\n"), text.size());
        const auto paragraph = text.substr(0, end);
        text.remove_prefix(std::min(end + 2, text.size()));
        if (paragraph.find_first_not_of(" \n") == std::string_view::npos) continue;
        out += "<p>" + marked(marked(escaped(paragraph), "**", "strong"), "`", "code") + "</p>";
    }
    return out;
}

const std::string& docs_page()
{
    static const std::string page = DocsPage(Json::parse(openapi_json())).write();
    return page;
}

std::string_view docs_style()
{
    return style;
}

} // namespace sportello::api
