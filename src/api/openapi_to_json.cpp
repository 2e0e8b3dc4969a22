// Build step: turns openapi.yaml into a C++ file that holds it as JSON. The contract is written once, in YAML, for people; the
// examples are real requests and answers of the tests, picked by tests/clients/contract/pick_examples.mjs.
// Usage: openapi_to_json openapi.yaml openapi_examples.json openapi_json.cpp

#include "json_writer.hpp"

#include <nlohmann/json.hpp>
#include <yaml.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

using sportello::api::JsonWriter;

/// libyaml's parser as a sequence of events, each freed before the next is read.
class YamlEvents {
public:
    explicit YamlEvents(const char* path) : file_(std::fopen(path, "rb"), &std::fclose)
    {
        if (!file_) throw std::runtime_error(std::string("cannot read ") + path);
        if (yaml_parser_initialize(&parser_) == 0) throw std::runtime_error("out of memory");
        yaml_parser_set_input_file(&parser_, file_.get());
        next();
    }
    ~YamlEvents()
    {
        yaml_event_delete(&event_);
        yaml_parser_delete(&parser_);
    }
    YamlEvents(const YamlEvents&) = delete;
    YamlEvents& operator=(const YamlEvents&) = delete;

    void next()
    {
        yaml_event_delete(&event_);
        if (yaml_parser_parse(&parser_, &event_) == 0) fail(parser_.problem == nullptr ? "not YAML" : parser_.problem);
    }
    [[nodiscard]] yaml_event_type_t type() const { return event_.type; }
    [[nodiscard]] std::string text() const { return {reinterpret_cast<const char*>(event_.data.scalar.value), event_.data.scalar.length}; }
    [[nodiscard]] bool quoted() const { return event_.data.scalar.style != YAML_PLAIN_SCALAR_STYLE; }
    [[noreturn]] void fail(const std::string& what) const
    {
        const auto line = event_.type == YAML_NO_EVENT ? parser_.problem_mark.line : event_.start_mark.line;
        throw std::runtime_error("line " + std::to_string(line + 1) + ": " + what);
    }

private:
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
    yaml_parser_t parser_{};
    yaml_event_t event_{};
};

/// Digits, at most one point among them.
bool is_number(const std::string& text)
{
    const auto is_whole = [](std::string_view digits) {
        return !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
    };
    const std::string_view unsigned_text = std::string_view(text).substr(text.front() == '-' ? 1 : 0);
    const auto point = unsigned_text.find('.');
    if (point == std::string_view::npos) return is_whole(unsigned_text);
    return is_whole(unsigned_text.substr(0, point)) && is_whole(unsigned_text.substr(point + 1));
}

/// A plain scalar by YAML's core rules, as far as a contract uses them; a quoted one is always text.
void write_scalar(const YamlEvents& events, JsonWriter& json)
{
    const auto text = events.text();
    if (events.quoted()) json.value(text);
    else if (text.empty() || text == "null" || text == "~") json.value(nullptr);
    else if (text == "true" || text == "false") json.raw(text);
    else if (is_number(text)) json.raw(text);
    else json.value(text);
}

/// Writes the node at hand and moves past it.
void write_node(YamlEvents& events, JsonWriter& json)
{
    switch (events.type()) {
    case YAML_SCALAR_EVENT:
        write_scalar(events, json);
        break;
    case YAML_SEQUENCE_START_EVENT:
        json.open_array();
        events.next();
        while (events.type() != YAML_SEQUENCE_END_EVENT) write_node(events, json);
        json.close_array();
        break;
    case YAML_MAPPING_START_EVENT:
        json.open_object();
        events.next();
        while (events.type() != YAML_MAPPING_END_EVENT) {
            if (events.type() != YAML_SCALAR_EVENT) events.fail("a key must be text");
            std::string key;
            sportello::api::append_json_string(key, events.text());
            json.key(std::string_view(key).substr(1, key.size() - 2));
            events.next();
            write_node(events, json);
        }
        json.close_object();
        break;
    default:
        events.fail("anchors and tags are not used in the contract");
    }
    events.next();
}

std::string convert(const char* path)
{
    YamlEvents events(path);
    std::string out;
    JsonWriter json(out);
    while (events.type() == YAML_STREAM_START_EVENT || events.type() == YAML_DOCUMENT_START_EVENT) events.next();
    write_node(events, json);
    return out;
}

using Json = nlohmann::ordered_json;

Json& resolve(Json& contract, Json& node)
{
    auto* at = &node;
    while (at->contains("$ref")) at = &contract.at(Json::json_pointer(at->at("$ref").get<std::string>().substr(1)));
    return *at;
}

/// Where the body is shared by several operations, the first one's example stands.
void put(Json& contract, Json& holder, const Json& example)
{
    auto& body = resolve(contract, holder);
    if (!body.contains("content") || !body.at("content").contains("application/json")) return;
    auto& content = body.at("content").at("application/json");
    if (!content.contains("example")) content["example"] = example;
}

void put_examples(Json& contract, Json& operation, const Json& examples)
{
    if (examples.contains("request") && operation.contains("requestBody"))
        put(contract, operation.at("requestBody"), examples.at("request"));
    if (!examples.contains("response")) return;
    for (auto& [status, response] : operation.at("responses").items()) {
        if (status.starts_with('2')) put(contract, response, examples.at("response"));
    }
}

std::string with_examples(const std::string& converted, const char* path)
{
    std::ifstream in(path);
    if (!in) throw std::runtime_error(std::string("cannot read ") + path);
    const auto examples = Json::parse(in);
    auto contract = Json::parse(converted);
    for (auto& [address, item] : contract.at("paths").items()) {
        for (auto& [method, operation] : item.items()) {
            if (method == "parameters") continue;
            const auto found = examples.find(operation.at("operationId").get<std::string>());
            if (found != examples.end()) put_examples(contract, operation, *found);
        }
    }
    return contract.dump();
}

/// A literal may not be longer than 64 KiB everywhere.
void write_literal(std::ofstream& out, std::string_view text)
{
    constexpr std::size_t piece = 16'000;
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
        out << "\n        R\"contract(" << text.substr(0, piece) << ")contract\"";
    }
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 4) {
        std::cerr << "usage: openapi_to_json openapi.yaml openapi_examples.json openapi_json.cpp\n";
        return 2;
    }
    try {
        const auto json = with_examples(convert(argv[1]), argv[2]);
        std::ofstream out(argv[3]);
        out << "#include <sportello/api/api.hpp>\n\nnamespace sportello::api {\n\nstd::string_view openapi_json()\n{\n    return ";
        write_literal(out, json);
        out << ";\n}\n\n} // namespace sportello::api\n";
        if (!out.flush()) throw std::runtime_error(std::string("cannot write ") + argv[3]);
    } catch (const std::exception& error) {
        std::cerr << argv[1] << ": " << error.what() << '\n';
        return 1;
    }
    return 0;
}
