#include "desk.hpp"

// The person behind the tickets, over the API.
namespace sportello {
namespace {

using domain::Role;
using test::body_of;
using test::Desk;
using test::House;
using test::items_of;
using test::json;

/// Two persons who gave the same number in private, one on each platform.
void two_who_gave_the_same(Desk& desk)
{
    desk.house.customer_writes(House::handle, simulator::Kind::direct_message, "mara", "codice cliente 12345678");
    EXPECT_TRUE(desk.house.run(desk.house.engine->poll_once("tim-x")));
    desk.house.customer_writes(House::page, simulator::Kind::direct_message, "Mara Rossi", "codice cliente 12345678");
    EXPECT_TRUE(desk.house.run(desk.house.engine->poll_once("tim-facebook")));
}

TEST(PeopleApi, AProposalIsAcceptedAndTakenBack)
{
    Desk desk;
    const auto anna = desk.person(Role::agent, "anna");
    two_who_gave_the_same(desk);
    const auto open = items_of(desk.get("/v1/link-proposals", anna));
    ASSERT_EQ(open.size(), 1U);
    const auto& proposal = open.at(0);
    EXPECT_EQ(proposal.at("evidence"), "contract");
    EXPECT_EQ(proposal.at("why"), "both gave the contract number …5678 in private");
    const auto first = proposal.at("first").at("customer").get<std::int64_t>();
    const auto second = proposal.at("second").at("customer").get<std::int64_t>();
    const auto address = "/v1/link-proposals/" + std::to_string(proposal.at("id").get<std::int64_t>()) + "/decision";
    const auto accepted = desk.post(address, anna, {{"decision", "accept"}});
    ASSERT_EQ(accepted.status, 200) << accepted.body;
    EXPECT_EQ(body_of(accepted).at("state"), "accepted");
    EXPECT_EQ(body_of(accepted).at("decided_by"), anna.id);
    const auto one = body_of(desk.get("/v1/customers/" + std::to_string(first), anna));
    EXPECT_EQ(one.at("identities").size(), 2U);
    EXPECT_EQ(one.at("merged").at(0).at("customer"), second);
    EXPECT_EQ(body_of(desk.get("/v1/customers/" + std::to_string(second), anna)).at("merged_into"), first);
    EXPECT_EQ(items_of(desk.get("/v1/tickets?customer=" + std::to_string(first), anna)).size(), 2U);
    EXPECT_EQ(desk.post(address, anna, {{"decision", "dismiss"}}).status, 409);
    EXPECT_EQ(body_of(desk.del(address, anna)).at("state"), "open");
    EXPECT_EQ(items_of(desk.get("/v1/tickets?customer=" + std::to_string(second), anna)).size(), 1U);
    EXPECT_EQ(body_of(desk.post(address, anna, {{"decision", "dismiss"}})).at("state"), "dismissed");
    EXPECT_EQ(items_of(desk.get("/v1/link-proposals?state=dismissed", anna)).size(), 1U);
    EXPECT_EQ(desk.post(address, anna, {{"decision", "perhaps"}}).status, 422);
    EXPECT_EQ(desk.get("/v1/link-proposals?state=odd", anna).status, 400);
}

TEST(PeopleApi, CustomersAreMergedByAPerson)
{
    Desk desk;
    const auto anna = desk.person(Role::agent, "anna");
    desk.ticket_from_x("mara", "@TIM_Sportello uno");
    desk.ticket_from_x("bruno", "@TIM_Sportello due");
    const auto merged = desk.post("/v1/customers/2/merge", anna, {{"into", 1}}, "key");
    ASSERT_EQ(merged.status, 200) << merged.body;
    EXPECT_EQ(body_of(merged).at("id"), 1);
    EXPECT_EQ(desk.post("/v1/customers/2/merge", anna, {{"into", 1}}, "key").status, 200) << "a repeat";
    EXPECT_EQ(desk.post("/v1/customers/2/merge", anna, {{"into", 1}}).status, 409);
    EXPECT_EQ(body_of(desk.del("/v1/customers/2/merge", anna)).at("identities").size(), 1U);
    EXPECT_EQ(desk.del("/v1/customers/2/merge", anna).status, 409);
    EXPECT_EQ(desk.post("/v1/customers/2/merge", anna, {{"into", 2}}).status, 422);
    EXPECT_EQ(desk.post("/v1/customers/2/merge", anna, {{"into", 99}}).status, 422);
    EXPECT_EQ(desk.post("/v1/customers/2/merge", anna, json::object()).status, 400);
}

TEST(PeopleApi, AnotherBrandsPeopleDoNotExist)
{
    Desk desk({.automatic_assignment = false, .brand_for_each_channel = true});
    const auto boss = desk.person(Role::supervisor, "boss");
    const auto anna = desk.person(Role::agent, "anna", {"tim"});
    two_who_gave_the_same(desk); // on X: impresa
    EXPECT_EQ(items_of(desk.get("/v1/link-proposals", boss)).size(), 1U);
    EXPECT_TRUE(items_of(desk.get("/v1/link-proposals", anna)).empty());
    EXPECT_EQ(desk.post("/v1/link-proposals/1/decision", anna, {{"decision", "accept"}}).status, 404);
    EXPECT_EQ(desk.del("/v1/link-proposals/1/decision", anna).status, 404);
    EXPECT_EQ(desk.get("/v1/customers/1", anna).status, 404);
    EXPECT_EQ(desk.get("/v1/customers/2", anna).status, 200);
    EXPECT_EQ(desk.post("/v1/customers/1/merge", anna, {{"into", 2}}).status, 404);
    EXPECT_EQ(desk.post("/v1/customers/2/merge", anna, {{"into", 1}}).status, 422);
    EXPECT_EQ(desk.del("/v1/customers/1/merge", anna).status, 404);
}

} // namespace
} // namespace sportello
