#include "desk.hpp"
#include "schema.hpp"

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

/// The example of one body, if it has one. @return whether it has.
bool check_example(const nlohmann::json& holder, const std::string& place)
{
    const auto& body =
        holder.contains("$ref") ? contract().at(nlohmann::json::json_pointer(holder.at("$ref").get<std::string>().substr(1))) : holder;
    if (!body.contains("content") || !body.at("content").contains("application/json")) return true; // there is nothing to show
    const auto& content = body.at("content").at("application/json");
    if (!content.contains("example")) return false;
    for (const auto& wrong : test::violations(content.at("schema"), content.at("example"))) ADD_FAILURE() << place << wrong;
    return true;
}

/// tests/clients/contract/pick_examples.mjs makes them anew.
TEST(Contract, ShowsExamplesThatFitTheirSchemas)
{
    std::size_t operations = 0;
    std::size_t shown = 0;
    for (const auto& [path, item] : contract().at("paths").items()) {
        for (const auto& [method, operation] : item.items()) {
            if (method == "parameters" || !path.starts_with("/v1/")) continue;
            ++operations;
            bool has_all =
                !operation.contains("requestBody") || check_example(operation.at("requestBody"), method + " " + path + " request");
            for (const auto& [status, response] : operation.at("responses").items()) {
                if (status.starts_with('2')) has_all = check_example(response, method + " " + path + " " + status) && has_all;
            }
            if (has_all) ++shown;
        }
    }
    EXPECT_GT(shown, 0U) << "of " << operations << " operations";
}

TEST(Contract, IsServedAsItIs)
{
    Desk desk;
    const auto response = desk.send(Desk::request(http::Method::get, "/openapi.json"));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(test::body_of(response).at("openapi"), "3.1.0");
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
