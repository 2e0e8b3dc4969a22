#include "server_process.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace sportello::test {
namespace {

using nlohmann::json;

/// Where a customer may write, and what the agent's ticket then says.
struct Door {
    const char* name;
    std::string platform, account, kind, visibility;
    friend void PrintTo(const Door& door, std::ostream* out) { *out << door.name; }
};

class FirstLight : public testing::TestWithParam<Door> {};

TEST_P(FirstLight, ACustomerWritesAnAgentAnswersTheCustomerReads)
{
    const Door& door = GetParam();
    LiveHouse house;
    house.start_simulator();
    house.start_server();
    house.set_password(LiveHouse::agent);
    house.log_in();

    const std::string question = (door.kind == "mention" ? "@" + door.account + " " : "") + "La fibra è giù da <ieri> & oggi";
    const std::string id = house.customer_writes(door.platform, door.account, door.kind, "Marta Neri", question);
    std::vector<json> tickets;
    ASSERT_TRUE(house.eventually("the ticket", [&] { return !(tickets = house.list("/v1/tickets")).empty(); }));
    ASSERT_EQ(tickets.size(), 1u);
    const json ticket = tickets.front();
    EXPECT_EQ(ticket.at("platform"), door.platform);
    EXPECT_EQ(ticket.at("visibility"), door.visibility);
    ASSERT_TRUE(house.eventually("an assignee", [&] { return house.list("/v1/tickets").front().at("assignee").is_object(); }));
    const std::string path = "/v1/tickets/" + ticket.at("id").dump();
    std::vector<json> timeline = house.list(path + "/timeline");
    const auto message = std::find_if(timeline.begin(), timeline.end(), [](const json& item) { return item.at("kind") == "message"; });
    ASSERT_NE(message, timeline.end());
    EXPECT_EQ(message->at("platform_id"), id);
    EXPECT_EQ(message->at("text"), question);

    const std::string answer = "Buongiorno Marta, <verifichiamo> subito & La richiamiamo.";
    const Answer accepted = house.post(path + "/replies", {{"text", answer}, {"visibility", door.visibility}, {"last_seen", id}});
    ASSERT_EQ(accepted.status, 202) << accepted.text;
    const std::string reply = "/v1/replies/" + accepted.body.at("id").dump();
    ASSERT_TRUE(house.eventually("published", [&] { return house.get(reply).body.at("delivery").at("state") == "published"; }));

    const json delivery = house.get(reply).body.at("delivery");
    std::vector<json> answers;
    for (const json& item : house.truth(door.platform, door.account)) {
        if (item.at("own") == true) answers.push_back(item);
    }
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_THAT(answers.front().at("text").get<std::string>(), testing::EndsWith(answer));
    EXPECT_EQ(answers.front().at("id"), delivery.at("platform_id"));
    if (door.visibility == "public") { EXPECT_EQ(answers.front().at("in_reply_to"), id); }

    // Read back by the next polls, it is still one item of the same ticket.
    const auto polled_again = [&] { return house.count("SELECT count(*) FROM message WHERE direction = 'outbound'") == 1; };
    ASSERT_TRUE(house.eventually("the answer is read back", polled_again));
    EXPECT_EQ(house.list("/v1/tickets").size(), 1u);
    timeline = house.list(path + "/timeline");
    EXPECT_EQ(std::count_if(timeline.begin(), timeline.end(), [&](const json& item) { return item.at("text") == answer; }), 1);
    EXPECT_FALSE(house.get(path).body.at("first_response_at").is_null());
    EXPECT_EQ(house.stop_server(), 0);
}

INSTANTIATE_TEST_SUITE_P(Doors, FirstLight,
                         testing::Values(Door{"FacebookPost", "facebook", "104000000000001", "post", "public"},
                                         Door{"XMention", "twitter", "TIM_Sportello", "mention", "public"},
                                         Door{"Messenger", "facebook", "104000000000002", "direct_message", "private"},
                                         Door{"XDirectMessage", "twitter", "ImpresaSemplice", "direct_message", "private"}),
                         [](const auto& test) { return std::string(test.param.name); });

} // namespace
} // namespace sportello::test
