// What a house costs as its past grows: pages, single reads, searches, accepted replies and live fan-out, each beside the
// bare libraries (Beast that answers, SQLite that reads or writes the same rows) in the same minutes; what the server then
// takes of memory, and how long it takes to its first answer. With 1,000 and 100,000 tickets, or `--tickets N[,N...]`; 500 of
// them are open and came in just now, the others lie closed.
#include "bare_reads.hpp"
#include "bare_rows.hpp"
#include "bare_server.hpp"
#include "figures.hpp"
#include "filled_house.hpp"
#include "live_client.hpp"
#include "load_client.hpp"
#include "options.hpp"
#include "running_server.hpp"
#include "vocabulary.hpp"

#include <sportello/domain/search.hpp>
#include <sportello/storage/search.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

namespace {

using namespace sportello::bench;
namespace domain = sportello::domain;
namespace storage = sportello::storage;

constexpr std::int64_t today = 500;
constexpr std::size_t connections = 16;
constexpr int rounds = 10; ///< ours and bare in turn, so that both see the machine as it is
constexpr std::size_t alone_a_round = 200;
constexpr std::size_t at_once_a_round = 2'000;
constexpr std::size_t searches_a_round = 80;
constexpr int starts = 5;
constexpr int rows = 25;
constexpr std::size_t replies = 2'000;
constexpr std::size_t streams = 2'000;
constexpr std::size_t live_events = 100;
constexpr double between_events = 0.1;
constexpr double slow_reader_seconds = 75; ///< the server's patience, twice, and some

/// What a request costs of one server.
struct Cost {
    Spread alone;    ///< one request at a time
    double rate = 0; ///< a second, of `connections` at once
};

/// Ours, and the bare libraries.
struct Pair {
    Cost ours;
    Cost bare;
    std::size_t bytes = 0;
    [[nodiscard]] double ratio() const { return ours.rate / bare.rate; }
};

struct Measured {
    Pair page;
    Pair queue;
    Pair single;
    Pair search;
    Load replies;
    double bare_replies = 0; ///< a second
    LiveStreams::Heard live;
    LiveStreams::Heard bare_live;
    std::optional<bool> slow_reader_cut; ///< only where the past is long enough to fill its buffers
    long resident_kib = 0;
    long resident_live_kib = 0; ///< with the streams open
    double first_answer = 0;    ///< median, seconds
};

/// Loads one server, a round after the other.
class Loaded {
public:
    Loaded(std::uint16_t port, const std::function<std::string(std::size_t)>& request) : ports_{port}, request_(request) {}

    void round(std::size_t alone, std::size_t at_once)
    {
        auto one = load(ports_, 1, alone, request_, 200);
        alone_.insert(alone_.end(), one.latencies.begin(), one.latencies.end());
        const auto many = load(ports_, connections, at_once, request_, 200);
        seconds_ += many.seconds;
        answers_ += many.answers;
    }
    [[nodiscard]] Cost cost() { return {.alone = spread_of(alone_), .rate = static_cast<double>(answers_) / seconds_}; }

private:
    std::vector<std::uint16_t> ports_;
    const std::function<std::string(std::size_t)>& request_;
    std::vector<double> alone_;
    double seconds_ = 0;
    std::size_t answers_ = 0;
};

Pair compare(std::uint16_t port, const std::string& bearer, const std::function<std::string(std::size_t)>& target,
             const std::function<BareWork()>& make_work, std::size_t alone = alone_a_round, std::size_t at_once = at_once_a_round)
{
    const std::function<std::string(std::size_t)> request = [&](std::size_t n) { return request_text("GET", target(n), bearer); };
    const RawAnswer sample = ask(port, request(0));
    if (sample.status != 200) throw std::runtime_error(target(0) + ": " + sample.body);
    const BareServer bare(sample, make_work);
    {
        Loaded warm(port, request), warm_bare(bare.port(), request);
        warm.round(alone, at_once);
        warm_bare.round(alone, at_once);
    }
    Loaded ours(port, request), theirs(bare.port(), request);
    for (int round = 0; round < rounds; ++round) {
        ours.round(alone, at_once);
        theirs.round(alone, at_once);
    }
    return {.ours = ours.cost(), .bare = theirs.cost(), .bytes = sample.body.size()};
}

#define BENCH_ROW                                                                                                                          \
    "SELECT t.*, i.name, i.handle, a.name FROM ticket t JOIN identity i ON i.id = t.identity_id LEFT JOIN agent a ON a.id = "              \
    "t.assignee_id "
#define BENCH_STRETCH(status) BENCH_ROW "WHERE t.status = '" status "' AND t.aside || '' NOT IN ('spam', 'noise')"

/// The rows of the list by update: a stretch of the index for each status.
constexpr const char* page_sql =
    BENCH_STRETCH("new") " UNION ALL " BENCH_STRETCH("open") " UNION ALL " BENCH_STRETCH("pending") " UNION ALL " BENCH_STRETCH(
        "on_hold") " UNION ALL " BENCH_STRETCH("solved") " UNION ALL " BENCH_STRETCH("closed") " ORDER BY updated_at DESC, id DESC LIMIT "
                                                                                               "?1";
constexpr const char* queue_sql = BENCH_ROW "WHERE t.queue_rank IS NOT NULL ORDER BY t.queue_rank, t.id LIMIT ?1";
constexpr const char* row_sql = BENCH_ROW "WHERE t.id = ?1";

std::function<BareWork()> reading(const std::filesystem::path& file, const std::function<void(BareReads&, std::string_view)>& read)
{
    return [file, read] {
        const auto reads = std::make_shared<BareReads>(file);
        return [reads, read](std::string_view target) {
            reads->begin();
            read(*reads, target);
            reads->end();
        };
    };
}

std::int64_t number_at_end(std::string_view target)
{
    return std::strtoll(std::string(target.substr(target.find_last_of("/=") + 1)).c_str(), nullptr, 10);
}

void read_single(BareReads& reads, std::string_view target)
{
    const std::int64_t id = number_at_end(target);
    reads.read(row_sql, {id}, [&](sqlite3_stmt* ticket) {
        // What stands beside it: the person, the post it began under, what was last written, labels, hand-overs.
        reads.read("SELECT * FROM customer WHERE id = ?1", {sqlite3_column_int64(ticket, 6)});
        reads.read("SELECT * FROM message WHERE channel = ?1 AND platform_id = ?2",
                   {std::string(reinterpret_cast<const char*>(sqlite3_column_text(ticket, 2))),
                    std::string(reinterpret_cast<const char*>(sqlite3_column_text(ticket, 7)))});
    });
    reads.read("SELECT * FROM message WHERE ticket_id = ?1 ORDER BY at DESC, id DESC LIMIT 1", {id});
    reads.read("SELECT * FROM ticket_label WHERE ticket_id = ?1", {id});
    reads.read("SELECT * FROM handover WHERE ticket_id = ?1", {id});
}

/// What people type: in turn a rare word, a common one, two of them, the beginning of one.
std::vector<std::string> typed_searches()
{
    Vocabulary vocabulary(1);
    std::vector<std::string> typed;
    for (int i = 0; i < 200; ++i) {
        typed.push_back(vocabulary.rare());
        typed.push_back(vocabulary.common());
        typed.push_back(vocabulary.common() + " " + vocabulary.common());
        typed.push_back(vocabulary.rare().substr(0, 5) + "*");
    }
    return typed;
}

std::string percent_encoded(const std::string& text)
{
    constexpr const char* digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        (encoded += '%') += digits[byte >> 4];
        encoded += digits[byte & 15];
    }
    return encoded;
}

/// The newest messages that hold the words, as many as ours ranks, and the ticket of each.
void read_search(BareReads& reads, const std::string& words)
{
    std::vector<std::int64_t> seen;
    reads.read("SELECT m.ticket_id, m.at, d.terms FROM search_index CROSS JOIN search_document d ON d.id = search_index.rowid "
               "CROSS JOIN message m ON m.id = search_index.rowid / 8 WHERE search_index MATCH ?1 AND m.ticket_id IS NOT NULL "
               "ORDER BY search_index.rowid DESC LIMIT 1000",
               {words}, [&](sqlite3_stmt* hit) { seen.push_back(sqlite3_column_int64(hit, 0)); });
    for (const std::int64_t ticket : seen) reads.read(row_sql, {ticket});
}

Pair compare_searches(std::uint16_t port, const std::string& bearer, const std::filesystem::path& file)
{
    const auto typed = typed_searches();
    std::vector<std::string> words;
    for (const std::string& text : typed)
        words.push_back(storage::fts5_query(
            domain::search_match(domain::parse_search(text, {}), storage::to_string(storage::SearchKind::message), {}, "")));
    // The bare server knows the words of each question: it parses none.
    const auto asked = [&](std::size_t n) {
        const std::size_t place = n % typed.size();
        return "/v1/tickets?q=" + percent_encoded(typed[place]) + "&limit=" + std::to_string(rows);
    };
    std::map<std::string, std::string> known;
    for (std::size_t place = 0; place < typed.size(); ++place) known[asked(place)] = words[place];
    const auto work = reading(file, [known](BareReads& reads, std::string_view text) { read_search(reads, known.at(std::string(text))); });
    return compare(port, bearer, asked, work, searches_a_round, searches_a_round);
}

/// The tickets that came in just now.
std::int64_t open_ticket(std::int64_t tickets, std::size_t n)
{
    return tickets - static_cast<std::int64_t>(n) % today;
}

Load accept_replies(std::uint16_t port, const std::string& bearer, std::int64_t tickets)
{
    // Held back for the undo window: what is measured is accepting, not a platform's answers.
    const auto request = [&](std::size_t n) {
        return request_text("POST", "/v1/tickets/" + std::to_string(open_ticket(tickets, n)) + "/replies", bearer,
                            R"({"text":"Buongiorno, abbiamo verificato la linea. )" + std::to_string(n) +
                                R"(","visibility":"public","undo_seconds":60,"confirm_duplicate":true})");
    };
    return load({port}, connections, replies, request, 202);
}

/// The rows that the replies left, written once more by SQLite alone where they were: each reply with its part and its events
/// in a commit of its own. @return replies a second
double write_replies_again(const std::filesystem::path& file, const TableRows& rows_of)
{
    const auto& events = rows_of.at("event");
    const std::size_t count = rows_of.at("reply").size();
    BareDatabase database(file);
    return static_cast<double>(count) / seconds_of([&] {
               for (std::size_t i = 0; i < count; ++i) {
                   database.begin();
                   database.insert("reply", rows_of.at("reply")[i]);
                   database.insert("reply_part", rows_of.at("reply_part")[i]);
                   for (std::size_t e = i * events.size() / count; e < (i + 1) * events.size() / count; ++e)
                       database.insert("event", events[e]);
                   database.commit();
               }
           });
}

LiveStreams::Heard listen_to_notes(std::uint16_t port, const std::string& bearer, std::int64_t tickets, LiveStreams& live)
{
    return live.listen(live_events, between_events, 10, [&](std::size_t n) {
        const auto fields = bearer + "Idempotency-Key: " + std::to_string(tickets) + "-bench-" + std::to_string(n) + "\r\n";
        const auto note = request_text("POST", "/v1/tickets/" + std::to_string(tickets) + "/notes", fields, R"({"text":"nota"})");
        if (ask(port, note).status != 201) throw std::runtime_error("a note was refused");
    });
}

Measured measure(const std::filesystem::path& file, std::int64_t tickets)
{
    Measured measured;
    RunningServer server(file);
    std::vector<double> times;
    for (int i = 0; i < starts; ++i) {
        server.start();
        times.push_back(server.seconds_to_first_answer());
        if (i + 1 < starts) server.stop();
    }
    measured.first_answer = spread_of(times).p50;

    const std::string bearer = server.log_in();
    const std::string limit = "limit=" + std::to_string(rows);
    // One row more tells whether there is a next page.
    measured.page = compare(
        server.port(), bearer, [&](std::size_t) { return "/v1/tickets?" + limit; },
        reading(file, [](BareReads& reads, std::string_view) { reads.read(page_sql, {std::int64_t(rows + 1)}); }));
    measured.queue = compare(
        server.port(), bearer, [&](std::size_t) { return "/v1/tickets?sort=due&status=new,open&" + limit; },
        reading(file, [](BareReads& reads, std::string_view) { reads.read(queue_sql, {std::int64_t(rows + 1)}); }));
    // All over the past, not one that is warm.
    measured.single = compare(
        server.port(), bearer,
        [&](std::size_t n) { return "/v1/tickets/" + std::to_string(static_cast<std::int64_t>(n) * 7919 % tickets + 1); },
        reading(file, read_single));
    measured.search = compare_searches(server.port(), bearer, file);
    for (const char* target : {"/v1/tickets?assignee=me&limit=100", "/v1/bootstrap", "/v1/queue", "/v1/tickets/1/timeline"}) {
        if (ask(server.port(), request_text("GET", target, bearer)).status != 200) throw std::runtime_error(target);
    }
    measured.resident_kib = server.memory_kib("VmRSS");
    const std::vector<std::string> tables{"reply", "reply_part", "event"};
    const auto before = last_keys(file, tables);
    measured.replies = accept_replies(server.port(), bearer, tickets);
    const auto after = last_keys(file, tables);

    std::optional<SlowStream> slow;
    if (tickets >= 100'000) slow.emplace(server.port(), "/v1/live?since=0", bearer);
    {
        LiveStreams live(server.port(), streams, "/v1/live", bearer);
        measured.live = listen_to_notes(server.port(), bearer, tickets, live);
        measured.resident_live_kib = server.memory_kib("VmRSS");
    }
    if (slow) measured.slow_reader_cut = slow->is_cut_within(slow_reader_seconds);
    server.stop();
    measured.bare_replies = write_replies_again(file, take_rows_out(file, before, after));

    const BareFanOut bare;
    LiveStreams live(bare.port(), streams, "/", "");
    measured.bare_live = live.listen(live_events, between_events, 10, [&](std::size_t n) { live.say("bench-" + std::to_string(n) + " "); });
    return measured;
}

std::string with(std::int64_t tickets)
{
    return " with " + number(tickets) + " tickets";
}

/// @param goal  of the ratio of the rates
void report_pair(const std::string& name, const Pair& pair, double goal)
{
    report(name, number(pair.ours.rate) + "/s of " + number(pair.bytes) + " bytes, alone " + milliseconds(pair.ours.alone),
           number(pair.ratio()) + " of Beast and SQLite alone, " + number(pair.bare.rate) + "/s, alone " + milliseconds(pair.bare.alone),
           number(goal), pair.ratio() >= goal);
}

void report_search(const Pair& pair, std::int64_t tickets)
{
    report("GET /v1/tickets?q=" + with(tickets), number(pair.ours.rate) + "/s, alone " + milliseconds(pair.ours.alone),
           number(pair.ratio()) + " of Beast and SQLite alone, " + number(pair.bare.rate) + "/s, alone " + milliseconds(pair.bare.alone),
           "p95 under 50 ms", pair.ours.alone.p95 < 0.05);
}

void report_replies(const Measured& measured, std::int64_t tickets)
{
    auto latencies = measured.replies.latencies;
    const double ratio = measured.replies.rate() / measured.bare_replies;
    report("durable replies over " + number(connections) + " connections" + with(tickets),
           number(measured.replies.rate()) + "/s, " + milliseconds(spread_of(latencies)),
           number(ratio) + " of " + number(measured.bare_replies) + " single commits/s of SQLite alone", "over 1", ratio > 1);
}

void report_live(const Measured& measured, std::int64_t tickets)
{
    const auto& live = measured.live;
    const bool all = live.open == streams && live.each_once;
    report("live events to " + number(streams) + " streams" + with(tickets),
           milliseconds(live.seconds) + ", " + number(live.open) + " streams open, each event once: " + (live.each_once ? "yes" : "no"),
           "the last has it after " + number(live.last_seconds) + " s, Beast alone " + number(measured.bare_live.last_seconds) + " s (" +
               number(measured.bare_live.last_seconds / live.last_seconds) + "; " + milliseconds(measured.bare_live.seconds) + "), " +
               number(static_cast<double>(measured.resident_live_kib) / 1024) + " MiB",
           "p99 under 500 ms", all && live.seconds.p99 < 0.5);
    if (!measured.slow_reader_cut) return;
    report("a stream that nobody reads, from the first event on," + with(tickets), *measured.slow_reader_cut ? "cut" : "not cut",
           "the others as above", "cut within " + number(slow_reader_seconds) + " s", *measured.slow_reader_cut);
}

/// One request alone, in the middle: it costs what it cost when there was little past. A fifth is the noise of two runs.
void report_growth(const std::string& name, const Pair& now, const Pair& first, std::int64_t tickets, std::int64_t first_tickets)
{
    const double growth = now.ours.alone.p50 / first.ours.alone.p50;
    report(name + with(tickets), number(growth) + " of what it costs with " + number(first_tickets),
           "Beast and SQLite alone " + number(now.bare.alone.p50 / first.bare.alone.p50), "1 (up to 1.2 counts)", growth <= 1.2);
}

void run_with(std::int64_t tickets, std::optional<std::pair<std::int64_t, Measured>>& first)
{
    const sportello::test::TemporaryFolder folder;
    const auto file = folder / "tickets.db";
    const Filling filling = fill_house("sqlite:" + file.string(), tickets, today);
    std::cout << "  " << number(tickets) << " tickets were written in " << number(filling.writing_seconds) << " s and indexed in "
              << number(filling.indexing_seconds) << " s; the file has "
              << number(static_cast<double>(std::filesystem::file_size(file)) / 1048576) << " MiB\n";
    const Measured measured = measure(file, tickets);
    if (!first) first.emplace(tickets, measured);
    report_pair("GET /v1/tickets, " + std::to_string(rows) + " rows," + with(tickets), measured.page, 0.25);
    report_pair("the queue, " + std::to_string(rows) + " rows," + with(tickets), measured.queue, 0.25);
    report_pair("GET /v1/tickets/{id}" + with(tickets), measured.single, 0.10);
    report_search(measured.search, tickets);
    report_replies(measured, tickets);
    report_live(measured, tickets);
    const bool small = tickets > 100'000 || measured.resident_kib <= 64 * 1024;
    report("resident memory" + with(tickets), number(static_cast<double>(measured.resident_kib) / 1024) + " MiB",
           number(static_cast<double>(first->second.resident_kib) / 1024) + " MiB" + with(first->first), "64 MiB up to 100,000", small);
    report("start to first answer" + with(tickets), number(measured.first_answer) + " s",
           number(first->second.first_answer) + " s" + with(first->first), "0.20 s", measured.first_answer <= 0.2);
    if (tickets == first->first) return;
    report_growth("a page", measured.page, first->second.page, tickets, first->first);
    report_growth("a page of the queue", measured.queue, first->second.queue, tickets, first->first);
    report_growth("a single read", measured.single, first->second.single, tickets, first->first);
}

} // namespace

int main(int count, char** words)
{
    allow_many_files();
    Options options = read_options(count, words);
    if (options.tickets.empty()) options.tickets = {1'000, 100'000};
    std::optional<std::pair<std::int64_t, Measured>> first;
    for (const std::int64_t tickets : options.tickets) run_with(tickets, first);
}
