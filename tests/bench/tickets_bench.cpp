// What a house costs as its past grows: pages, single reads, accepted replies and live fan-out with 1,000, 100,000 and
// 1,000,000 tickets, each beside the bare library in the same minute; what the server then takes of memory, and how long it
// takes to its first answer. `tickets_bench 100000` stops at that many.
#include "bare_server.hpp"
#include "figures.hpp"
#include "filled_house.hpp"
#include "live_client.hpp"
#include "load_client.hpp"
#include "running_server.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <vector>

namespace {

using namespace sportello::bench;

constexpr std::size_t connections = 16;
constexpr std::size_t requests = 20'000;
constexpr std::size_t warm_up = 2'000;
constexpr int starts = 5;
constexpr int rows = 25;
constexpr std::size_t replies = 1'000;
constexpr std::size_t streams = 2'000;
constexpr std::size_t live_events = 100;
constexpr double between_events = 0.1;
constexpr double slow_reader_seconds = 75; ///< the server's patience, twice, and some

double rate_of(std::uint16_t port, const std::function<std::string(std::size_t)>& request)
{
    (void)load(port, connections, warm_up, request, 200);
    return load(port, connections, requests, request, 200).rate();
}

/// Ours and the same bytes from Beast alone.
struct Pair {
    double rate = 0;
    double bare_rate = 0;
    std::size_t bytes = 0;
    [[nodiscard]] double ratio() const { return rate / bare_rate; }
};

struct Measured {
    Pair page;
    Pair single;
    double replies = 0; ///< a second
    LiveStreams::Heard live;
    LiveStreams::Heard bare_live;
    std::optional<bool> slow_reader_cut; ///< only where the past is long enough to fill its buffers
    long resident_kib = 0;
    long resident_live_kib = 0; ///< with the streams open
    double first_answer = 0;    ///< median, seconds
};

Pair compare(std::uint16_t port, const std::string& bearer, const std::function<std::string(std::size_t)>& target)
{
    const auto request = [&](std::size_t n) { return request_text("GET", target(n), bearer); };
    Pair pair;
    const RawAnswer sample = ask(port, request(0));
    pair.bytes = sample.body.size();
    pair.rate = rate_of(port, request);
    const BareServer bare(sample);
    pair.bare_rate = rate_of(bare.port(), request);
    return pair;
}

double accept_replies(std::uint16_t port, const std::string& bearer, std::int64_t tickets)
{
    // Held back for the undo window: what is measured is accepting, not a platform's answers.
    const auto request = [&](std::size_t n) {
        const auto ticket = static_cast<std::int64_t>(n) * 7919 % tickets + 1;
        return request_text("POST", "/v1/tickets/" + std::to_string(ticket) + "/replies", bearer,
                            R"({"text":"Buongiorno, abbiamo verificato la linea. )" + std::to_string(n) +
                                R"(","visibility":"public","undo_seconds":60,"confirm_duplicate":true})");
    };
    return load(port, connections, replies, request, 202).rate();
}

LiveStreams::Heard listen(std::uint16_t port, const std::string& bearer, std::int64_t tickets, LiveStreams& live)
{
    return live.listen(live_events, between_events, 10, [&](std::size_t n) {
        const auto fields = bearer + "Idempotency-Key: " + std::to_string(tickets) + "-bench-" + std::to_string(n) + "\r\n";
        const auto note = request_text("POST", "/v1/tickets/1/notes", fields, R"({"text":"nota"})");
        if (ask(port, note).status != 201) throw std::runtime_error("a note was refused");
    });
}

Measured measure(const std::filesystem::path& database, std::int64_t tickets)
{
    Measured measured;
    RunningServer server(database);
    std::vector<double> times;
    for (int i = 0; i < starts; ++i) {
        server.start();
        times.push_back(server.seconds_to_first_answer());
        if (i + 1 < starts) server.stop();
    }
    std::sort(times.begin(), times.end());
    measured.first_answer = times[times.size() / 2];

    const std::string bearer = server.log_in();
    const std::string page = "/v1/tickets?limit=" + std::to_string(rows);
    measured.page = compare(server.port(), bearer, [&](std::size_t) { return page; });
    // All over the past, not one that is warm.
    measured.single = compare(server.port(), bearer, [&](std::size_t n) {
        return "/v1/tickets/" + std::to_string(static_cast<std::int64_t>(n) * 7919 % tickets + 1);
    });
    for (const char* target : {"/v1/tickets?sort=due&status=new,open&limit=100", "/v1/tickets?assignee=me&limit=100", "/v1/bootstrap",
                               "/v1/queue", "/v1/tickets/1/timeline"}) {
        if (ask(server.port(), request_text("GET", target, bearer)).status != 200) throw std::runtime_error(target);
    }
    measured.resident_kib = server.memory_kib("VmRSS");
    measured.replies = accept_replies(server.port(), bearer, tickets);

    std::optional<SlowStream> slow;
    if (tickets >= 100'000) slow.emplace(server.port(), "/v1/live?since=0", bearer);
    {
        LiveStreams live(server.port(), streams, "/v1/live", bearer);
        measured.live = listen(server.port(), bearer, tickets, live);
        measured.resident_live_kib = server.memory_kib("VmRSS");
    }
    if (slow) measured.slow_reader_cut = slow->is_cut_within(slow_reader_seconds);
    server.stop();

    const BareFanOut bare;
    LiveStreams live(bare.port(), streams, "/", "");
    measured.bare_live = live.listen(live_events, between_events, 10, [&](std::size_t n) { live.say("bench-" + std::to_string(n) + " "); });
    return measured;
}

std::string with(std::int64_t tickets)
{
    return " with " + number(tickets) + " tickets";
}

void report_pair(const std::string& name, const Pair& pair, double goal)
{
    report(name, number(pair.rate) + "/s of " + number(pair.bytes) + " bytes",
           number(pair.ratio()) + " of Beast alone, " + number(pair.bare_rate) + "/s", number(goal), pair.ratio() >= goal);
}

void report_live(const Measured& measured, std::int64_t tickets)
{
    const auto& live = measured.live;
    const bool all = live.open == streams && live.each_once;
    report("live events to " + number(streams) + " streams" + with(tickets),
           "p99 " + number(live.p99_seconds) + " s, median " + number(live.median_seconds) + " s, " + number(live.open) +
               " streams open, each event once: " + (live.each_once ? "yes" : "no"),
           "the last has it after " + number(live.last_seconds) + " s, Beast alone " + number(measured.bare_live.last_seconds) + " s (" +
               number(measured.bare_live.last_seconds / live.last_seconds) + "), " +
               number(static_cast<double>(measured.resident_live_kib) / 1024) + " MiB",
           "p99 under 0.5 s", all && live.p99_seconds < 0.5);
    if (!measured.slow_reader_cut) return;
    report("a stream that nobody reads, from the first event on," + with(tickets), *measured.slow_reader_cut ? "cut" : "not cut",
           "the others as above", "cut within " + number(slow_reader_seconds) + " s", *measured.slow_reader_cut);
}

/// Each beside its bare library in the same minute; a tenth is the noise of two runs.
void report_growth(const std::string& name, double now, double first, std::int64_t tickets)
{
    report(name + with(tickets), number(now / first) + " of the ratio with 1,000", "beside the bare library each", "1 (0.90 counts)",
           now / first >= 0.90);
}

} // namespace

int main(int count, char** words)
{
    allow_many_files();
    const std::int64_t most = count > 1 ? std::strtoll(words[1], nullptr, 10) : 1'000'000;
    const sportello::test::TemporaryFolder folder;
    const auto file = folder / "tickets.db";
    std::optional<Measured> first;
    std::int64_t present = 0;
    for (const std::int64_t tickets : {std::int64_t(1'000), std::int64_t(100'000), std::int64_t(1'000'000)}) {
        if (tickets > most) break;
        const double seconds = take_messages_in(file, tickets - present);
        std::cout << "  " << number(tickets - present) << " messages were taken in at "
                  << number(static_cast<double>(tickets - present) / seconds) << " messages/s\n";
        present = tickets;
        const Measured measured = measure(file, tickets);
        report_pair("GET /v1/tickets, " + std::to_string(rows) + " rows," + with(tickets), measured.page, 0.25);
        report_pair("GET /v1/tickets/{id}" + with(tickets), measured.single, 0.10);
        std::cout << "  replies accepted" << with(tickets) << ": " << number(measured.replies)
                  << "/s (./dev bench replies: beside bare commits)\n";
        report_live(measured, tickets);
        if (first) {
            report_growth("the page", measured.page.ratio(), first->page.ratio(), tickets);
            report_growth("the single read", measured.single.ratio(), first->single.ratio(), tickets);
            report_growth("the accepted reply", measured.replies, first->replies, tickets);
        } else {
            first = measured;
        }
        const bool small = tickets > 100'000 || measured.resident_kib <= 64 * 1024;
        report("resident memory" + with(tickets), number(static_cast<double>(measured.resident_kib) / 1024) + " MiB",
               number(static_cast<double>(first->resident_kib) / 1024) + " MiB" + with(1'000), "64 MiB up to 100,000", small);
        report("start to first answer" + with(tickets), number(measured.first_answer) + " s",
               number(first->first_answer) + " s" + with(1'000), "0.20 s", measured.first_answer <= 0.2);
    }
}
