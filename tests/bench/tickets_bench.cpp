// A page of 25 tickets beside the same bytes from Beast alone; whether it gets dearer with 100,000 tickets; what the server
// then takes of memory, and how long it takes to its first answer.
#include "bare_server.hpp"
#include "figures.hpp"
#include "filled_house.hpp"
#include "load_client.hpp"
#include "running_server.hpp"

#include <algorithm>
#include <iostream>
#include <vector>

namespace {

using namespace sportello::bench;

constexpr std::size_t connections = 16;
constexpr std::size_t requests = 40'000;
constexpr std::size_t warm_up = 4'000;
constexpr int starts = 7;
constexpr int rows = 25;
constexpr std::int64_t few_tickets = 1'000;
constexpr std::int64_t many_tickets = 100'000;

double rate_of(std::uint16_t port, const std::string& request)
{
    const auto same = [&](std::size_t) { return request; };
    (void)load(port, connections, warm_up, same, 200);
    return load(port, connections, requests, same, 200).rate();
}

struct Measured {
    double rate = 0;
    double bare_rate = 0;
    std::size_t page_bytes = 0;
    long resident_kib = 0;
    double first_answer = 0; ///< median, seconds
};

Measured measure(const std::filesystem::path& database)
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
    const std::string request = request_text("GET", "/v1/tickets?limit=" + std::to_string(rows), bearer);
    const RawAnswer page = ask(server.port(), request);
    measured.page_bytes = page.body.size();
    measured.rate = rate_of(server.port(), request);
    for (const char* target : {"/v1/tickets?sort=due&status=new,open&limit=100", "/v1/tickets?assignee=me&limit=100", "/v1/bootstrap",
                               "/v1/queue", "/v1/tickets/1/timeline"}) {
        if (ask(server.port(), request_text("GET", target, bearer)).status != 200) throw std::runtime_error(target);
    }
    measured.resident_kib = server.memory_kib("VmRSS");
    server.stop();
    const BareServer bare(page);
    measured.bare_rate = rate_of(bare.port(), request);
    return measured;
}

std::string with(std::int64_t tickets)
{
    return " with " + number(tickets) + " tickets";
}

void report_page(const Measured& measured, std::int64_t tickets)
{
    const double ratio = measured.rate / measured.bare_rate;
    report("GET /v1/tickets, " + std::to_string(rows) + " rows," + with(tickets),
           number(measured.rate) + " pages/s of " + number(measured.page_bytes) + " bytes",
           number(ratio) + " of Beast alone, " + number(measured.bare_rate) + " pages/s", "0.25", ratio >= 0.25);
}

} // namespace

int main()
{
    const sportello::test::TemporaryFolder folder;
    const auto file = folder / "tickets.db";
    (void)take_messages_in(file, few_tickets);
    const Measured few = measure(file);
    constexpr std::int64_t more = many_tickets - few_tickets;
    const double seconds = take_messages_in(file, more);
    std::cout << "  " << number(more) << " more messages were taken in at " << number(static_cast<double>(more) / seconds)
              << " messages/s\n";
    const Measured many = measure(file);

    report_page(few, few_tickets);
    report_page(many, many_tickets);
    // Each beside Beast in the same minute; a twentieth is the noise of two runs.
    const double growth = many.rate / many.bare_rate / (few.rate / few.bare_rate);
    report("the page" + with(many_tickets), number(1e6 / many.rate) + " us", number(growth) + " of the rate" + with(few_tickets),
           "1 (0.95 counts)", growth >= 0.95);
    report("resident memory" + with(many_tickets), number(static_cast<double>(many.resident_kib) / 1024) + " MiB",
           number(static_cast<double>(few.resident_kib) / 1024) + " MiB" + with(few_tickets), "64 MiB", many.resident_kib <= 64 * 1024);
    report("start to first answer" + with(many_tickets), number(many.first_answer) + " s",
           number(few.first_answer) + " s" + with(few_tickets), "0.20 s", many.first_answer <= 0.2);
}
