#include "support/test_seed.hpp"

#include "list_shapes.hpp"
#include "support.hpp"

#include "sqlite/connection.hpp"

#include <map>
#include <random>
#include <set>

namespace sportello::storage::test {
namespace {

using domain::Ticket;
using domain::TicketId;
using domain::TicketStatus;

class TicketList : public RepositoryTest {
protected:
    TicketId add(const std::function<void(Ticket&)>& change)
    {
        const auto identity = person("u" + std::to_string(++people_));
        return write_for(*db, [&](Transaction& tx) {
            Ticket fresh = ticket_of(tx, identity, "root" + std::to_string(people_));
            change(fresh);
            return insert_ticket(tx, fresh, "because");
        });
    }

    std::vector<std::int64_t> page(const TicketFilter& filter, std::optional<TicketCursor>& after, std::int64_t limit)
    {
        return read(*db, [&](Transaction& tx) {
            std::vector<std::int64_t> ids;
            for_each_ticket_row(tx, filter, after, limit, [&](const TicketRow& row) {
                ids.push_back(row.id.value);
                after = row.cursor;
            });
            return ids;
        });
    }

    std::vector<std::int64_t> all(const TicketFilter& filter, std::int64_t page_size = 3)
    {
        std::vector<std::int64_t> ids;
        std::optional<TicketCursor> after;
        for (auto next = page(filter, after, page_size); !next.empty(); next = page(filter, after, page_size)) {
            ids.insert(ids.end(), next.begin(), next.end());
        }
        return ids;
    }

    int people_ = 0;
};

TEST_F(TicketList, ShowsARowWithItsPeopleAndLabels)
{
    const auto anna = agent("anna");
    const auto id = add([&](Ticket& t) { t.assignee = anna; });
    write(*db, [&](Transaction& tx) { set_labels(tx, id, {"guasto", "adsl", "guasto"}); });
    int rows = 0;
    read(*db, [&](Transaction& tx) {
        for_each_ticket_row(tx, {}, {}, 25, [&](const TicketRow& row) {
            ++rows;
            EXPECT_EQ(row.id, id);
            EXPECT_EQ(row.assignee_name, "Agent anna");
            EXPECT_EQ(row.customer_name, "Name of u1");
            EXPECT_EQ(row.customer_handle, "u1");
            EXPECT_EQ(row.labels, "adsl\nguasto");
            EXPECT_EQ(row.status, "new");
            EXPECT_EQ(row.updated_at, nine_oclock);
        });
        return 0;
    });
    EXPECT_EQ(rows, 1);
}

TEST_F(TicketList, PutsTheUrgentThenTheDueFirst)
{
    const auto late = add([](Ticket& t) { t.due_at = nine_oclock + 2h; });
    const auto soon = add([](Ticket& t) { t.due_at = nine_oclock + 1h; });
    const auto urgent = add([](Ticket& t) {
        t.due_at = nine_oclock + 9h;
        t.priority = domain::Priority::urgent;
    });
    const auto never = add([](Ticket& t) { t.due_at.reset(); });
    add([](Ticket& t) { t.status = TicketStatus::solved; });
    add([](Ticket& t) { t.snoozed_until = nine_oclock + 1h; });
    TicketFilter filter;
    filter.sort = TicketSort::due;
    EXPECT_EQ(all(filter), (std::vector{urgent.value, soon.value, late.value, never.value}));
}

/// One of each kind of ticket, and a filter for each question, against a judgement in plain C++.
TEST_F(TicketList, AnswersEveryFilterAsALoopOverAllTicketsWould)
{
    const auto anna = agent("anna");
    const auto bruno = agent("bruno");
    std::mt19937_64 random(sportello::test::test_seed(7));
    const auto pick = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
    std::map<std::int64_t, Ticket> tickets;
    std::map<std::int64_t, std::set<std::string>> labels;
    for (int n = 0; n < 120; ++n) {
        Ticket kept;
        const auto id = add([&](Ticket& t) {
            t.brand = pick(2) == 0 ? "tim" : "impresa";
            t.channel = t.brand + (pick(2) == 0 ? "_twitter" : "_facebook");
            t.status = static_cast<TicketStatus>(pick(6));
            t.priority = static_cast<domain::Priority>(pick(4));
            if (const int who = pick(3); who > 0) t.assignee = who == 1 ? anna : bruno;
            t.updated_at = nine_oclock + std::chrono::minutes(pick(20)); // many equal ones: ids decide
            t.due_at = nine_oclock + std::chrono::minutes(pick(20));
            if (pick(5) == 0) t.snoozed_until = nine_oclock + 1h;
            kept = t;
        });
        kept.id = id;
        tickets[id.value] = kept;
        if (pick(3) == 0) {
            write(*db, [&](Transaction& tx) { set_labels(tx, id, {"guasto"}); });
            labels[id.value] = {"guasto"};
        }
    }
    const auto matches = [&](const ListShape& shape, const Ticket& t) {
        const TicketFilter& f = shape.filter;
        const bool in_queue = queue_rank(t).has_value();
        if (std::find(shape.statuses.begin(), shape.statuses.end(), t.status) == shape.statuses.end()) return false;
        if ((f.sort == TicketSort::due || f.overdue_at) && !in_queue) return false;
        if (f.overdue_at && !(t.due_at < *f.overdue_at)) return false;
        if (f.snoozed && *f.snoozed != t.snoozed_until.has_value()) return false;
        if (f.priority && t.priority != *f.priority) return false;
        if (f.label && !labels[t.id.value].contains(*f.label)) return false;
        if (f.customer && t.customer != *f.customer) return false;
        if (f.channel && t.channel != *f.channel) return false;
        if (!f.brands.empty() && std::find(f.brands.begin(), f.brands.end(), t.brand) == f.brands.end()) return false;
        if (std::holds_alternative<TicketFilter::Nobody>(f.assignee) && t.assignee) return false;
        if (const auto* who = std::get_if<domain::AgentId>(&f.assignee); who != nullptr && t.assignee != *who) return false;
        return true;
    };
    int non_empty = 0;
    for_each_list_shape([&](const ListShape& shape) {
        if (shape.after) return;
        ListShape asked = shape;
        asked.filter.statuses = shape.statuses;
        if (asked.filter.overdue_at) asked.filter.overdue_at = nine_oclock + 10min;
        std::vector<std::pair<std::pair<std::int64_t, std::int64_t>, std::int64_t>> expected;
        for (const auto& [id, t] : tickets) {
            if (!matches(asked, t)) continue;
            if (asked.filter.sort == TicketSort::due) expected.push_back({{*queue_rank(t), id}, id});
            else expected.push_back({{-base::to_micros(t.updated_at), -id}, id});
        }
        std::sort(expected.begin(), expected.end());
        std::vector<std::int64_t> ids;
        for (const auto& entry : expected) ids.push_back(entry.second);
        non_empty += !ids.empty();
        ASSERT_EQ(all(asked.filter, 7), ids) << asked.query().sql;
    });
    EXPECT_GT(non_empty, 200);
}

TEST_F(TicketList, KeepsItsPlaceWhileTicketsChange)
{
    std::vector<TicketId> ids;
    for (int n = 0; n < 9; ++n) {
        ids.push_back(add([&](Ticket& t) { t.updated_at = nine_oclock + std::chrono::minutes(n); }));
    }
    std::optional<TicketCursor> after;
    EXPECT_EQ(page({}, after, 3), (std::vector{ids[8].value, ids[7].value, ids[6].value}));
    add([](Ticket& t) { t.updated_at = nine_oclock + 1h; }); // a new one on top
    write(*db, [&](Transaction& tx) {                        // one of the rest moves to the top
        auto moved = find_ticket(tx, ids[4]).value();
        moved.updated_at = nine_oclock + 2h;
        ASSERT_TRUE(save_ticket(tx, moved));
    });
    EXPECT_EQ(page({}, after, 3), (std::vector{ids[5].value, ids[3].value, ids[2].value}));
    EXPECT_EQ(page({}, after, 3), (std::vector{ids[1].value, ids[0].value}));
}

TEST_F(TicketList, ALabelsListFollowsTheTicket)
{
    const auto first = add([](Ticket& t) { t.updated_at = nine_oclock; });
    const auto second = add([](Ticket& t) { t.updated_at = nine_oclock + 1min; });
    write(*db, [&](Transaction& tx) {
        set_labels(tx, first, {"guasto"});
        set_labels(tx, second, {"guasto"});
    });
    TicketFilter filter;
    filter.label = "guasto";
    EXPECT_EQ(all(filter), (std::vector{second.value, first.value}));
    write(*db, [&](Transaction& tx) {
        auto ticket = find_ticket(tx, first).value();
        const auto before = ticket;
        ticket.updated_at = nine_oclock + 2min;
        ASSERT_TRUE(save_ticket(tx, ticket, &before));
    });
    EXPECT_EQ(all(filter), (std::vector{first.value, second.value}));
    write(*db, [&](Transaction& tx) {
        auto ticket = find_ticket(tx, first).value();
        ticket.status = TicketStatus::solved;
        ASSERT_TRUE(save_ticket(tx, ticket));
        set_labels(tx, second, {});
    });
    EXPECT_EQ(all(filter), (std::vector{first.value}));
    filter.sort = TicketSort::due;
    EXPECT_TRUE(all(filter).empty());
}

/// The lines of SQLite's plan for a statement.
std::vector<std::string> plan_of(sqlite::Connection& connection, const TicketListQuery& query)
{
    static std::set<std::string> texts; // connections keep statements by address
    const std::string& text = *texts.insert("EXPLAIN QUERY PLAN " + std::string(query.sql)).first;
    std::vector<std::string> lines;
    connection.execute(text, query.values, [&](const Row& row) {
        lines.emplace_back(row.text(3));
        return true;
    });
    return lines;
}

// A sort, or a walk over the table itself, would make the page dearer with every ticket.
TEST(TicketListPlan, WalksAnIndexForEveryShape)
{
    if (sportello::test::on_postgresql()) GTEST_SKIP() << "asks SQLite for its plans";
    const TempDir folder;
    ASSERT_TRUE(open(folder / "plan.db"));
    sqlite::Connection connection((folder / "plan.db").string(), {});
    int shapes = 0;
    for_each_list_shape([&](const ListShape& shape) {
        if (testing::Test::HasFailure()) return; // the first shape that does not walk is enough to read
        ++shapes;
        const TicketListQuery query = shape.query();
        // One person's tickets are few: their queue order is sorted from what their index finds.
        const bool may_sort = shape.filter.customer && shape.filter.sort == TicketSort::due;
        for (const std::string& line : plan_of(connection, query)) {
            if (!may_sort) { EXPECT_EQ(line.find("TEMP B-TREE"), std::string::npos) << line << "\n" << query.sql; }
            if (line.rfind("SCAN t", 0) == 0 || line.rfind("SCAN l", 0) == 0) {
                EXPECT_NE(line.find("INDEX"), std::string::npos) << line << "\n" << query.sql;
            }
        }
    });
    EXPECT_GT(shapes, 1'000);
}

// Few are put off beside all that there are: their list must not walk over the others.
TEST(TicketListPlan, FindsWhatIsPutOffByItsOwnIndex)
{
    if (sportello::test::on_postgresql()) GTEST_SKIP() << "asks SQLite for its plans";
    const TempDir folder;
    ASSERT_TRUE(open(folder / "plan.db"));
    sqlite::Connection connection((folder / "plan.db").string(), {});
    TicketFilter filter;
    filter.snoozed = true;
    for (const std::vector<TicketStatus>& statuses :
         {std::vector{TicketStatus::open}, std::vector{TicketStatus::new_, TicketStatus::open}}) {
        std::size_t found = 0;
        for (const std::string& line : plan_of(connection, make_ticket_list_query(filter, {}, statuses, nullptr, 25))) {
            found += line.find("ticket_put_off") != std::string::npos;
        }
        EXPECT_EQ(found, statuses.size());
    }
}

} // namespace
} // namespace sportello::storage::test
