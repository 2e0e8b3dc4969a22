#include "support/test_seed.hpp"

#include <sportello/domain/threading.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <span>

namespace sportello::domain {
namespace {

using Kind = ThreadingDecision::Kind;
using UnderRoot = ThreadingFacts::UnderRoot;

constexpr IdentityId anna{1};
constexpr IdentityId bruno{2};

struct ThreadingCase {
    const char* name;
    bool own;
    bool is_root;
    std::optional<IdentityId> identity;
    std::optional<TicketId> parent_ticket;
    std::vector<UnderRoot> under_root;
    Kind kind;
    std::int64_t ticket;
    const char* why;
    friend void PrintTo(const ThreadingCase& c, std::ostream* out) { *out << c.name; }
};
class Thread : public testing::TestWithParam<ThreadingCase> {};
TEST_P(Thread, FindsItsTicket)
{
    const auto& c = GetParam();
    const auto decision = thread({c.own, c.is_root, c.identity, c.parent_ticket, c.under_root});
    EXPECT_EQ(decision.kind, c.kind);
    EXPECT_EQ(decision.ticket.value, c.ticket);
    EXPECT_NE(decision.why.find(c.why), std::string::npos) << decision.why;
}
TEST_P(Thread, FromBeforeTheChannelCountedItOpensNothingAndIsBackground)
{
    const auto& c = GetParam();
    const auto decision = thread({c.own, c.is_root, c.identity, c.parent_ticket, c.under_root, true});
    const auto expected = c.kind == Kind::join           ? Kind::join_as_context
                          : c.kind == Kind::context_only ? Kind::context_only
                                                         : Kind::wait_as_context;
    EXPECT_EQ(decision.kind, expected);
    EXPECT_EQ(decision.ticket.value, c.ticket);
}
const std::vector<UnderRoot> annas{{TicketId{7}, anna}};
const std::vector<UnderRoot> both{{TicketId{7}, anna}, {TicketId{9}, bruno}};
INSTANTIATE_TEST_SUITE_P(
    Table, Thread,
    testing::Values(ThreadingCase{"NewPost", false, true, anna, {}, {}, Kind::open, 0, "a new post"},
                    ThreadingCase{"FirstUnderOurPost", false, false, anna, {}, {}, Kind::open, 0, "the first message of this person"},
                    ThreadingCase{"SamePersonAgain", false, false, anna, {}, both, Kind::join, 7, "the same person"},
                    ThreadingCase{"OtherPerson", false, false, bruno, {}, annas, Kind::open, 0, "have their own tickets"},
                    ThreadingCase{"OtherPersonAnsweringAnna", false, false, bruno, TicketId{7}, annas, Kind::open, 0,
                                  "have their own tickets"},
                    ThreadingCase{"UndisclosedAuthor", false, false, {}, {}, annas, Kind::open, 0, "does not say who"},
                    ThreadingCase{"OurRootPost", true, true, {}, {}, {}, Kind::context_only, 0, "our own post"},
                    ThreadingCase{"OurRootPostWithTickets", true, true, {}, {}, annas, Kind::context_only, 0, "our own post"},
                    ThreadingCase{"OurAnswer", true, false, {}, TicketId{9}, both, Kind::join, 9, "#9"},
                    ThreadingCase{"OurAnswerParentUnknownOneTicket", true, false, {}, {}, annas, Kind::join, 7, "one ticket only"},
                    ThreadingCase{"OurAnswerParentUnknownTwoTickets", true, false, {}, {}, both, Kind::wait_for_parent, 0, "2 tickets"},
                    ThreadingCase{"OurAnswerNothingKnown", true, false, {}, {}, {}, Kind::wait_for_parent, 0, "not known yet"}),
    [](const auto& test) { return std::string(test.param.name); });

ThreadingFacts customers(std::span<const UnderRoot> under_root = {})
{
    ThreadingFacts facts;
    facts.identity = anna;
    facts.under_root = under_root;
    return facts;
}

TEST(Threading, TheChainOfAnswersComesBeforeTheRoot)
{
    const std::vector<UnderRoot> two{{TicketId{7}, anna}, {TicketId{9}, anna}};
    auto facts = customers(two);
    EXPECT_EQ(thread(facts).ticket, TicketId{9}) << "the newest goes on with the matter";
    facts.chain_ticket = TicketId{7};
    EXPECT_EQ(thread(facts).ticket, TicketId{7});
    EXPECT_EQ(thread(facts).why, "it goes on with what was said in ticket #7");
}

TEST(Threading, AnInvitationIsFollowedUnlessTheConversationIsInWork)
{
    auto facts = customers();
    facts.invited_from = TicketId{4};
    EXPECT_EQ(thread(facts).kind, Kind::join);
    EXPECT_EQ(thread(facts).why, "written in private after our invitation in ticket #4");
    const std::vector<UnderRoot> in_work{{TicketId{7}, anna}};
    facts.under_root = in_work;
    EXPECT_EQ(thread(facts).ticket, TicketId{7});
    const std::vector<UnderRoot> done{{TicketId{7}, anna, true}};
    facts.under_root = done;
    EXPECT_EQ(thread(facts).ticket, TicketId{4});
}

TEST(Threading, TheCustomersOpenTicketIsTheLastToBeAsked)
{
    auto facts = customers();
    facts.open_ticket = TicketId{5};
    EXPECT_EQ(thread(facts).ticket, TicketId{5});
    EXPECT_EQ(thread(facts).why, "the same person wrote a short time ago, in ticket #5");
    facts.invited_from = TicketId{4};
    EXPECT_EQ(thread(facts).ticket, TicketId{4});
    const std::vector<UnderRoot> done{{TicketId{7}, anna, true}};
    auto here = customers(done);
    here.open_ticket = TicketId{5};
    EXPECT_EQ(thread(here).ticket, TicketId{7}) << "to be reopened or followed up";
}

TEST(Threading, WhomThePlatformDoesNotTellStandsAlone)
{
    auto facts = customers();
    facts.identity.reset();
    facts.chain_ticket = facts.invited_from = facts.open_ticket = TicketId{7};
    EXPECT_EQ(thread(facts).kind, Kind::open);
}

TEST(Continuation, ReopensWithinTheTimeAndFollowsUpAfterIt)
{
    using namespace std::chrono_literals;
    const Instant noon = base::parse_rfc3339("2026-03-02T12:00:00Z").value();
    ThreadingPolicy policy;
    policy.reopen_within = 48h;
    Ticket ticket;
    ticket.id = TicketId{7};
    ticket.last_direction = Direction::outbound;
    ticket.last_at = ticket.last_inbound_at = noon;
    const auto written = [&](base::Duration after, base::Duration read_after = 1min) {
        Message message;
        message.at = noon + after;
        return continuation(ticket, message, policy, message.at + read_after);
    };
    for (const auto status : {TicketStatus::new_, TicketStatus::open, TicketStatus::pending, TicketStatus::on_hold}) {
        ticket.status = status;
        EXPECT_FALSE(written(24h * 100).follow_up) << to_string(status);
    }
    ticket.status = TicketStatus::solved;
    ticket.solved_at = noon + 1h;
    EXPECT_FALSE(written(49h).follow_up);
    EXPECT_TRUE(written(49h + 1us).follow_up);
    EXPECT_EQ(written(50h).why, "it takes up ticket #7 again, which was solved more than 2 days before");
    ticket.status = TicketStatus::closed;
    EXPECT_TRUE(written(1min).follow_up) << "closed is final";
    EXPECT_EQ(written(1min).why, "it takes up ticket #7 again, which is closed");
    EXPECT_FALSE(written(-1min, 1h).follow_up) << "a late import from before the last answer";
    EXPECT_TRUE(written(-1min, 2min).follow_up) << "nobody has seen it";
}

/// One item of a made-up thread.
struct Item {
    int number;
    int parent; ///< -1: the root
    int author; ///< 0: us
};

/// Threads items in any order, as the engine does: what waits is tried again after each item.
class Counter {
public:
    explicit Counter(std::vector<Item> items) : items_(std::move(items)) {}

    void arrive(const Item& item)
    {
        if (!place(item)) waiting_.push_back(item);
        for (bool moved = true; moved;) {
            moved = std::erase_if(waiting_, [this](const Item& waiting) { return place(waiting); }) > 0;
        }
    }

    std::map<int, std::int64_t> ticket_of; ///< by item
    std::map<std::int64_t, int> author_of; ///< by ticket

private:
    bool place(const Item& item)
    {
        ThreadingFacts facts;
        facts.own = item.author == 0;
        facts.is_root = item.parent < 0;
        if (!facts.own) facts.identity = IdentityId{item.author};
        if (const auto parent = ticket_of.find(item.parent); parent != ticket_of.end()) facts.parent_ticket = TicketId{parent->second};
        std::vector<UnderRoot> under_root;
        for (const auto& [ticket, author] : author_of) under_root.push_back({TicketId{ticket}, IdentityId{author}});
        facts.under_root = under_root;
        const auto decision = thread(facts);
        switch (decision.kind) {
        case Kind::join:
            ticket_of[item.number] = decision.ticket.value;
            return true;
        case Kind::open: {
            EXPECT_FALSE(facts.own) << "an own item never opens a ticket";
            const auto ticket = static_cast<std::int64_t>(author_of.size()) + 1;
            author_of[ticket] = item.author;
            ticket_of[item.number] = ticket;
            return true;
        }
        case Kind::context_only:
            return true;
        case Kind::wait_for_parent:
            return false;
        case Kind::join_as_context:
        case Kind::wait_as_context:
            ADD_FAILURE() << "nothing here is from before the channel counted";
            break;
        }
        return false;
    }

    std::vector<Item> items_;
    std::vector<Item> waiting_;
};

std::vector<Item> random_thread(std::mt19937_64& random, int people)
{
    std::vector<Item> items{{0, -1, static_cast<int>(random() % static_cast<unsigned>(people + 1))}};
    for (int number = 1; number < 12; ++number) {
        const auto parent = static_cast<int>(random() % static_cast<unsigned>(number));
        items.push_back({number, parent, static_cast<int>(random() % static_cast<unsigned>(people + 1))});
    }
    return items;
}

TEST(Threading, OnePersonUnderOneRootHasOneTicketInEveryOrderOfArrival)
{
    std::mt19937_64 random(test::test_seed(3));
    for (int round = 0; round < 500; ++round) {
        auto items = random_thread(random, 3);
        std::ranges::shuffle(items, random);
        Counter counter(items);
        for (const auto& item : items) counter.arrive(item);
        std::map<int, std::set<std::int64_t>> tickets_of_person;
        for (const auto& item : items) {
            if (item.author == 0) continue;
            ASSERT_TRUE(counter.ticket_of.contains(item.number)) << "every message of a customer has a ticket";
            tickets_of_person[item.author].insert(counter.ticket_of[item.number]);
            ASSERT_EQ(counter.author_of[counter.ticket_of[item.number]], item.author);
        }
        for (const auto& [person, tickets] : tickets_of_person) ASSERT_EQ(tickets.size(), 1U) << "person " << person;
    }
}

TEST(Threading, WithOneCustomerAllAnswersEndInTheirTicketInEveryOrderOfArrival)
{
    std::mt19937_64 random(test::test_seed(4));
    for (int round = 0; round < 500; ++round) {
        auto items = random_thread(random, 1);
        items[0].author = 1;
        std::ranges::shuffle(items, random);
        Counter counter(items);
        for (const auto& item : items) counter.arrive(item);
        ASSERT_EQ(counter.ticket_of.size(), items.size());
        ASSERT_EQ(counter.author_of.size(), 1U);
    }
}

} // namespace
} // namespace sportello::domain
