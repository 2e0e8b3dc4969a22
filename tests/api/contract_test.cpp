#include "desk.hpp"
#include "schema.hpp"

#include <functional>
#include <map>
#include <set>

namespace sportello {
namespace {

using test::contract;
using test::Desk;

/// "get /v1/tickets" of every operation in the contract, with its x-role.
std::map<std::string, std::string> operations_of_contract()
{
    std::map<std::string, std::string> operations;
    for (const auto& [path, item] : contract().at("paths").items()) {
        for (const auto& [method, operation] : item.items()) {
            if (method != "parameters") operations[method + " " + path] = operation.at("x-role").get<std::string>();
        }
    }
    return operations;
}

std::map<std::string, std::string> operations_of_router(const api::Api& api)
{
    std::map<std::string, std::string> operations;
    for (const auto& [method, pattern] : api.routes().entries()) {
        std::string name(to_string(method));
        for (char& c : name) c = static_cast<char>(std::tolower(c));
        operations[name + " " + pattern] = api::to_string(api.access(method, pattern));
    }
    return operations;
}

TEST(Contract, NamesTheRoutesThatAreServedAndTheirRoles)
{
    const Desk desk;
    EXPECT_EQ(operations_of_contract(), operations_of_router(*desk.api));
}

TEST(Contract, ResolvesEveryReference)
{
    std::vector<const nlohmann::json*> open{&contract()};
    std::size_t references = 0;
    while (!open.empty()) {
        const auto& node = *open.back();
        open.pop_back();
        if (node.is_object() && node.contains("$ref")) {
            const auto pointer = node.at("$ref").get<std::string>().substr(1);
            EXPECT_TRUE(contract().contains(nlohmann::json::json_pointer(pointer))) << pointer;
            ++references;
        }
        if (node.is_structured()) {
            for (const auto& child : node) open.push_back(&child);
        }
    }
    EXPECT_GT(references, 100U);
}

TEST(Contract, GivesEveryOperationItsOwnIdAndAProblemForFailures)
{
    std::set<std::string> ids;
    for (const auto& [path, item] : contract().at("paths").items()) {
        for (const auto& [method, operation] : item.items()) {
            if (method == "parameters") continue;
            EXPECT_TRUE(ids.insert(operation.at("operationId").get<std::string>()).second) << path;
            if (path.starts_with("/v1/")) { EXPECT_TRUE(operation.at("responses").contains("default")) << method << " " << path; }
        }
    }
}

/// Whether an operation takes a parameter, its path's included.
bool takes(const nlohmann::json& item, const nlohmann::json& operation, const std::string& name)
{
    for (const auto* holder : {&item, &operation}) {
        if (!holder->contains("parameters")) continue;
        for (const auto& one : holder->at("parameters")) {
            const auto& parameter =
                one.contains("$ref") ? contract().at(nlohmann::json::json_pointer(one.at("$ref").get<std::string>().substr(1))) : one;
            if (parameter.at("name") == name) return true;
        }
    }
    return false;
}

/// What the pipeline does for every route stands in the contract at every route.
TEST(Contract, NamesTheConventionsAtEveryOperation)
{
    for (const auto& [path, item] : contract().at("paths").items()) {
        if (!path.starts_with("/v1/") || path == "/v1/events" || path == "/v1/live") continue;
        for (const auto& [method, operation] : item.items()) {
            if (method == "parameters" || operation.at("x-role") == "public") continue;
            const auto place = method + " " + path;
            const auto& responses = operation.at("responses");
            if (method == "post") { EXPECT_TRUE(takes(item, operation, "Idempotency-Key")) << place; }
            const bool edits = method == "put" || method == "patch" || method == "delete";
            if (edits && item.contains("get")) { EXPECT_TRUE(takes(item, operation, "If-Match") && responses.contains("412")) << place; }
            const auto* answer = method == "get" ? test::answer_schema(method, path, 200, "application/json") : nullptr;
            if (answer == nullptr) continue;
            EXPECT_TRUE(responses.contains("304")) << place;
            if (!test::member(*answer, "items")) continue;
            EXPECT_TRUE(takes(item, operation, "format")) << place;
            EXPECT_NE(test::answer_schema(method, path, 200, "text/csv"), nullptr) << place;
        }
    }
}

const nlohmann::json& resolved(const nlohmann::json& node)
{
    if (!node.contains("$ref")) return node;
    return contract().at(nlohmann::json::json_pointer(node.at("$ref").get<std::string>().substr(1)));
}

/// What a page of markup, a style sheet or a picture looks like needs no example.
bool explains_itself(const std::string& media)
{
    return media == "text/html" || media == "text/css" || media == "text/csv" || media == "text/event-stream" ||
           media.starts_with("image/") || media == "application/octet-stream";
}

/// Every body is shown, and what is shown is right.
void check_examples(const nlohmann::json& holder, const std::string& place)
{
    const auto& body = resolved(holder);
    if (!body.contains("content")) return;
    for (const auto& [media, content] : body.at("content").items()) {
        if (explains_itself(media)) continue;
        if (!content.contains("example")) {
            ADD_FAILURE() << place << " has no example of its " << media
                          << ": let a test in tests/api get this answer, then make the examples anew (tests/clients/contract/"
                             "pick_examples.mjs), or write one into openapi.yaml";
            continue;
        }
        for (const auto& wrong : test::violations(content.at("schema"), content.at("example"))) ADD_FAILURE() << place << wrong;
    }
}

template <class Each> void for_each_operation(Each each)
{
    for (const auto& [path, item] : contract().at("paths").items()) {
        for (const auto& [method, operation] : item.items()) {
            if (method != "parameters") each(method, path, operation);
        }
    }
}

/// tests/clients/contract/pick_examples.mjs makes them of what these tests ask and are answered.
TEST(Contract, ShowsAnExampleOfEveryRequestAndOfEverySuccess)
{
    for_each_operation([](const std::string& method, const std::string& path, const nlohmann::json& operation) {
        const auto place = method + " " + path;
        if (operation.contains("requestBody")) check_examples(operation.at("requestBody"), place + " request");
        for (const auto& [status, response] : operation.at("responses").items()) {
            if (status.starts_with('2')) check_examples(response, place + " " + status);
        }
    });
}

TEST(Contract, ShowsAnExampleOfEveryError)
{
    std::size_t problems = 0;
    for_each_operation([&](const std::string& method, const std::string& path, const nlohmann::json& operation) {
        for (const auto& [status, response] : operation.at("responses").items()) {
            if (status.starts_with('1') || status.starts_with('2') || status.starts_with('3')) continue;
            const auto place = method + " " + path + " " + status;
            check_examples(response, place);
            const auto& content = resolved(response).at("content");
            if (!content.contains("application/problem+json")) continue;
            ++problems;
            const auto& example = content.at("application/problem+json").at("example");
            if (status != "default") { EXPECT_EQ(std::to_string(example.at("status").get<int>()), status) << place; }
        }
    });
    EXPECT_GT(problems, 500U);
}

/// What is shown once and opens something looks like what it is: an example.
TEST(Contract, ShowsNothingThatLooksLikeALiveSecret)
{
    const std::set<std::string> secrets{"token",        "secret",       "csrf_token",     "password",
                                        "new_password", "old_password", "recovery_codes", "response_token"};
    std::size_t seen = 0;
    const std::function<void(const nlohmann::json&, const std::string&)> look = [&](const nlohmann::json& value, const std::string& place) {
        if (value.is_array()) {
            for (const auto& one : value) look(one, place);
        }
        if (!value.is_object()) return;
        for (const auto& [name, member] : value.items()) {
            const auto& one = member.is_array() && !member.empty() ? member.front() : member;
            if (secrets.contains(name) && one.is_string()) {
                ++seen;
                const auto& text = one.get_ref<const std::string&>();
                EXPECT_TRUE(text.find("example") != std::string::npos || text.find("EXAMPLE") != std::string::npos)
                    << place << "/" << name << ": " << text;
            }
            look(member, place + "/" + name);
        }
    };
    for_each_operation([&](const std::string& method, const std::string& path, const nlohmann::json& operation) {
        const auto of = [&](const nlohmann::json& holder) {
            const auto& body = resolved(holder);
            if (!body.contains("content") || !body.at("content").contains("application/json")) return;
            look(body.at("content").at("application/json").value("example", nlohmann::json()), method + " " + path);
        };
        if (operation.contains("requestBody")) of(operation.at("requestBody"));
        for (const auto& response : operation.at("responses")) of(response);
    });
    EXPECT_GT(seen, 3U);
}

TEST(Contract, IsServedAsItIs)
{
    Desk desk;
    const auto response = desk.send(Desk::request(http::Method::get, "/openapi.json"));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(test::body_of(response), contract());
    EXPECT_EQ(test::body_of(response).at("openapi"), "3.1.0");
}

/// The part of the page that is about one operation or one kind of error.
std::string section(const std::string& page, const std::string& id)
{
    const auto begin = page.find("<section class=\"op\" id=\"" + id + "\">");
    if (begin == std::string::npos) return {};
    return page.substr(begin, page.find("</section>", begin) - begin);
}

std::size_t times(const std::string& text, const std::string& part)
{
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
    return found;
}

TEST(Contract, ItsPageShowsEveryExample)
{
    Desk desk;
    const auto page = desk.send(Desk::request(http::Method::get, "/docs")).body;
    const auto bodies = [](const nlohmann::json& holder) -> std::size_t {
        const auto& body = resolved(holder);
        if (!body.contains("content")) return 0;
        std::size_t shown = 0;
        for (const auto& content : body.at("content")) shown += content.contains("example");
        return shown;
    };
    for_each_operation([&](const std::string& method, const std::string& path, const nlohmann::json& operation) {
        std::size_t expected = operation.contains("requestBody") ? bodies(operation.at("requestBody")) : 0;
        const auto part = section(page, operation.at("operationId"));
        bool has_success = false;
        for (const auto& [status, response] : operation.at("responses").items()) {
            if (status.starts_with('2')) {
                if (!has_success) expected += bodies(response);
                has_success = true;
                continue;
            }
            if (!response.contains("$ref")) {
                expected += bodies(response);
                continue;
            }
            const auto name = response.at("$ref").get<std::string>().substr(std::string("#/components/responses/").size());
            if (!resolved(response).contains("content")) continue;
            EXPECT_NE(part.find("href=\"#error-" + name + "\""), std::string::npos) << method << " " << path << " " << status;
            EXPECT_EQ(times(section(page, "error-" + name), "<pre>"), 1U) << name;
        }
        EXPECT_EQ(times(part, "<pre>"), expected) << method << " " << path;
    });
}

/// The comparison that every other test relies on must itself be able to fail.
TEST(Schema, SeesWhatIsMissingMistypedOrUnknown)
{
    const auto& person = contract().at("components").at("schemas").at("Person");
    EXPECT_TRUE(test::violations(person, {{"id", 1}, {"name", "Anna"}}).empty());
    EXPECT_EQ(test::violations(person, {{"id", 1}}).size(), 1U);
    EXPECT_EQ(test::violations(person, {{"id", "1"}, {"name", "Anna"}}).size(), 1U);
    EXPECT_EQ(test::violations(person, {{"id", 1}, {"name", "Anna"}, {"secret", 1}}).size(), 1U);
}

} // namespace
} // namespace sportello
