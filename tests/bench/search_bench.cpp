// Full-text search on a million messages (`--tickets N`: on N): what one question costs, by kind of question, beside SQLite
// alone that reads the same rows; and what the index costs.
#include "app/process.hpp"
#include "bare_reads.hpp"
#include "figures.hpp"
#include "options.hpp"
#include "past.hpp"

#include <sportello/base/clock.hpp>
#include <sportello/engine/search.hpp>
#include <sportello/storage/database.hpp>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iostream>
#include <stdexcept>

namespace {

using namespace sportello;
using bench::number;

constexpr std::int64_t usual_messages = 1'000'000;
constexpr std::int64_t messages_a_ticket = 3;
constexpr std::int64_t open_tickets = 1'000;
constexpr int questions_of_a_kind = 100;
const std::vector<std::string> brands{"telecom", "tim", "impresa"};

std::unique_ptr<storage::Database> open_database(const std::filesystem::path& file, base::Clock& clock)
{
    storage::DatabaseOptions options;
    options.url = "sqlite:" + file.string();
    options.migrations = std::filesystem::path(SPORTELLO_SOURCE_DIR) / "migrations";
    auto db = storage::Database::open(options, clock);
    if (!db) throw std::runtime_error(db.error().what());
    return std::move(*db);
}

/// Asks ours, and SQLite alone.
class Asker {
public:
    Asker(storage::Database& db, const std::filesystem::path& file) : db_(db), bare_(file) {}

    /// Seconds that a page of tickets takes, from what was typed to their order.
    double ask(const std::string& typed, const storage::TicketFilter& filter, std::size_t& found)
    {
        auto unit = [&](storage::Transaction& tx) -> base::Result<std::size_t> {
            engine::SearchRequest request;
            request.query = engine::read_search(settings_, typed);
            request.filter = filter;
            request.horizon = engine::search_horizon(tx);
            return engine::search_tickets(tx, settings_, actor_, request, std::nullopt).size();
        };
        return bench::seconds_of([&] { found += db_.read_now(unit).value(); });
    }

    /// Seconds that reading the newest 1,000 messages that hold the words, and the ticket of each, takes.
    double ask_bare(const std::string& typed, const storage::TicketFilter& filter)
    {
        const auto match = domain::search_match(engine::read_search(settings_, typed), storage::to_string(storage::SearchKind::message),
                                                filter.brands, filter.channel.value_or(""));
        const std::string words = storage::fts5_query(match);
        std::vector<std::int64_t> tickets;
        return bench::seconds_of([&] {
            bare_.begin();
            bare_.read("SELECT m.ticket_id, m.at, d.terms FROM search_index CROSS JOIN search_document d ON d.id = search_index.rowid "
                       "CROSS JOIN message m ON m.id = search_index.rowid / 8 WHERE search_index MATCH ?1 AND m.ticket_id IS NOT NULL "
                       "ORDER BY search_index.rowid DESC LIMIT 1000",
                       {words}, [&](sqlite3_stmt* hit) { tickets.push_back(sqlite3_column_int64(hit, 0)); });
            tickets.erase(std::ranges::unique(tickets).begin(), tickets.end());
            for (const std::int64_t ticket : tickets) {
                bare_.read("SELECT t.*, i.name, i.handle FROM ticket t JOIN identity i ON i.id = t.identity_id WHERE t.id = ?1", {ticket});
            }
            bare_.end();
        });
    }

private:
    storage::Database& db_;
    bench::BareReads bare_;
    engine::Settings settings_ = bench::settings_of(brands);
    engine::Actor actor_{domain::AgentId{1}, domain::Role::supervisor, {}, {}};
};

struct Kind {
    const char* name;
    std::function<std::string()> typed;
    storage::TicketFilter filter;
};

std::vector<Kind> kinds_of_questions(bench::Vocabulary& vocabulary)
{
    storage::TicketFilter all, open, of_brand;
    open.statuses = {domain::TicketStatus::open};
    of_brand.brands = {"impresa"};
    const auto rare = [&] { return vocabulary.rare() + " "; };
    const auto common = [&] { return vocabulary.common() + " "; };
    return {
        {"a rare word", rare, all},
        {"a common word", common, all},
        {"two common words", [=] { return common() + common(); }, all},
        {"two common words side by side", [=] { return "\"" + common() + common() + "\""; }, all},
        {"a common word without another", [=] { return common() + "-" + common(); }, all},
        {"a beginning of two letters", [&] { return vocabulary.any().substr(0, 2) + "*"; }, all},
        {"a beginning of four letters", [=] { return rare().substr(0, 4) + "*"; }, all},
        {"a beginning of six letters", [=] { return rare().substr(0, 6) + "*"; }, all},
        {"a common word of one brand", common, of_brand},
        {"a common word among open tickets", common, open},
    };
}

void report_questions(const std::string& name, std::vector<double>& ours, std::vector<double>& bare, const std::string& found)
{
    const auto spread = bench::spread_of(ours), bare_spread = bench::spread_of(bare);
    bench::report(name, bench::milliseconds(spread) + found,
                  number(spread.p50 / bare_spread.p50) + " times SQLite alone in the middle (" + bench::milliseconds(bare_spread) + ")",
                  "p95 under 50 ms", spread.p95 < 0.05);
}

void measure(std::int64_t messages)
{
    const test::TemporaryFolder folder;
    const auto file = folder / "search.db";
    base::SystemClock clock;
    const auto db = open_database(file, clock);
    bench::Vocabulary vocabulary(1);
    const double writing = bench::write_past(
        *db, vocabulary,
        {.tickets = messages / messages_a_ticket, .messages_each = messages_a_ticket, .open = open_tickets, .brands = brands});
    const auto size = [&] { return static_cast<double>(std::filesystem::file_size(file)) / 1048576; };
    const double before = size();
    const double indexing = bench::index_past(*db, bench::settings_of(brands), clock);
    std::cout << "  " << number(messages) << " messages were written in " << number(writing) << " s and indexed in " << number(indexing)
              << " s, " << number(indexing * 1e6 / static_cast<double>(messages)) << " us each; the file grew from " << number(before)
              << " to " << number(size()) << " MiB\n";

    Asker asker(*db, file);
    std::vector<double> every, bare_every;
    for (const Kind& kind : kinds_of_questions(vocabulary)) {
        std::vector<double> ours, bare;
        std::size_t found = 0;
        for (int i = 0; i < questions_of_a_kind; ++i) {
            const std::string typed = kind.typed();
            ours.push_back(asker.ask(typed, kind.filter, found));
            bare.push_back(asker.ask_bare(typed, kind.filter));
        }
        every.insert(every.end(), ours.begin(), ours.end());
        bare_every.insert(bare_every.end(), bare.begin(), bare.end());
        report_questions(kind.name, ours, bare, ", " + number(static_cast<double>(found) / questions_of_a_kind) + " tickets");
    }
    report_questions("search on " + number(messages) + " messages", every, bare_every, "");
}

} // namespace

int main(int count, char** words)
{
    bench::Options options = bench::read_options(count, words);
    if (options.tickets.empty()) options.tickets = {usual_messages};
    for (const std::int64_t messages : options.tickets) measure(messages);
}
