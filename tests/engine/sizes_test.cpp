#include "support/house.hpp"
#include "support/outage_texts.hpp"
#include "support/test_database.hpp"

#include <sportello/engine/outbox.hpp>
#include <sportello/engine/ticketing.hpp>

#include <cstdio>
#include <deque>

// What a message, a ticket and an event take on disk, on whichever engine: the figures of src/storage/README.md.
namespace sportello::test {
namespace {

std::size_t tickets_to_measure()
{
    const char* given = std::getenv("SPORTELLO_SIZES");
    return given && *given ? std::strtoull(given, nullptr, 10) : 30;
}

struct TableSize {
    std::string name;
    std::int64_t rows = 0;
    std::int64_t table_bytes = 0;
    std::int64_t index_bytes = 0;
    [[nodiscard]] std::int64_t bytes() const { return table_bytes + index_bytes; }
};

constexpr std::string_view sizes_on_postgresql =
    "SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace";
constexpr std::string_view sizes_on_sqlite =
    "SELECT s.tbl_name, sum(CASE WHEN s.type = 'table' THEN d.pgsize ELSE 0 END), sum(CASE WHEN s.type = 'index' THEN d.pgsize ELSE 0 END) "
    "FROM dbstat d JOIN sqlite_schema s ON s.name = d.name GROUP BY s.tbl_name";

class Sizes : public testing::Test {
protected:
    House house{{.capacity = 10'000}};
    OutageTexts texts{11};

    /// Each customer writes twice and gets an answer in between; then the matter is solved.
    void play(std::size_t tickets)
    {
        constexpr std::size_t at_once = 100;
        house.start();
        house.run_for(1min);
        for (std::size_t made = 0; made < tickets;) {
            std::vector<std::string> posts;
            for (std::size_t i = 0; i < at_once && made < tickets; ++i, ++made) {
                posts.push_back(house.customer_writes(House::page, simulator::Kind::post, "Cliente " + std::to_string(made),
                                                      texts.report("Pisa").text));
            }
            house.run_for(1min);
            const auto open = open_tickets();
            for (const auto id : open) {
                engine::ReplyDraft draft;
                draft.text =
                    "Buongiorno, verifichiamo subito e Le scriviamo qui appena il tecnico ci risponde. Pratica " + std::to_string(id.value);
                EXPECT_TRUE(house.run(house.engine->outbox().accept(id, draft, house.as(1))));
            }
            house.run_for(1min);
            for (std::size_t i = 0; i < posts.size(); ++i) {
                house.customer_writes(House::page, simulator::Kind::comment, "Cliente " + std::to_string(made - posts.size() + i),
                                      "Grazie, adesso funziona di nuovo tutto, buona giornata", posts[i]);
            }
            house.run_for(1min);
            engine::TicketChange solved;
            solved.status = domain::TicketStatus::solved;
            for (const auto id : open_tickets()) EXPECT_TRUE(house.run(house.engine->ticketing().change(id, solved, house.as(1))));
        }
        house.run_for(10min);
    }
    std::vector<domain::TicketId> open_tickets()
    {
        return house
            .read([](storage::Transaction& tx) -> base::Result<std::vector<domain::TicketId>> {
                return tx.all("SELECT id FROM ticket WHERE status IN ('new', 'open', 'pending') ORDER BY id",
                              [](const storage::Row& row) { return domain::TicketId{row.number(0)}; });
            })
            .value();
    }

    std::vector<TableSize> measure()
    {
        return house
            .read([this](storage::Transaction& tx) -> base::Result<std::vector<TableSize>> {
                auto sizes = tx.all(on_postgresql() ? sizes_on_postgresql : sizes_on_sqlite, [](const storage::Row& row) {
                    return TableSize{.name = row.string(0), .rows = 0, .table_bytes = row.number(1), .index_bytes = row.number(2)};
                });
                for (TableSize& size : sizes) {
                    questions_.push_back("SELECT count(*) FROM \"" + size.name + "\"");
                    size.rows = tx.first(questions_.back(), [](const storage::Row& row) { return row.number(0); }).value_or(0);
                }
                std::ranges::sort(sizes, [](const TableSize& a, const TableSize& b) { return a.bytes() > b.bytes(); });
                return sizes;
            })
            .value();
    }

private:
    std::deque<std::string> questions_; // they live as long as the statements
};

TEST_F(Sizes, OfWhatIsKept)
{
    const std::size_t tickets = tickets_to_measure();
    play(tickets);
    const auto sizes = measure();
    std::int64_t all = 0, messages = 0, made = 0;
    for (const TableSize& size : sizes) {
        all += size.bytes();
        if (size.name == "message") messages = size.rows;
        if (size.name == "ticket") made = size.rows;
    }
    EXPECT_EQ(made, static_cast<std::int64_t>(tickets));
    EXPECT_GE(messages, static_cast<std::int64_t>(3 * tickets));
    if (tickets < 1'000) return; // empty pages would count for much
    std::printf("%-28s %9s %12s %12s %9s\n", "table", "rows", "table KiB", "indexes KiB", "bytes/row");
    for (const TableSize& size : sizes) {
        if (size.rows == 0 || size.bytes() * 200 < all) continue;
        std::printf("%-28s %9lld %12lld %12lld %9lld\n", size.name.c_str(), static_cast<long long>(size.rows),
                    static_cast<long long>(size.table_bytes / 1024), static_cast<long long>(size.index_bytes / 1024),
                    static_cast<long long>(size.bytes() / size.rows));
    }
    std::printf("all: %lld KiB for %lld tickets and %lld messages: %lld bytes a ticket, %lld bytes a message with all that belongs to it\n",
                static_cast<long long>(all / 1024), static_cast<long long>(made), static_cast<long long>(messages),
                static_cast<long long>(all / made), static_cast<long long>(all / messages));
}

} // namespace
} // namespace sportello::test
