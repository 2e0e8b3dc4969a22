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
