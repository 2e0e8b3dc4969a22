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
    const std::string request = request_text("GET", "/v1/tickets?limit=25", bearer);
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

} // namespace

int main()
{
    const sportello::test::TemporaryFolder folder;
    const auto file = folder / "tickets.db";
    (void)take_messages_in(file, 1'000);
    const Measured few = measure(file);
    const double seconds = take_messages_in(file, 99'000);
    std::cout << "  99,000 more messages were taken in at " << number(99'000 / seconds) << " messages/s\n";
    const Measured many = measure(file);

    report("GET /v1/tickets, 25 rows, 1,000 tickets",
           number(few.rate) + " pages/s of " + number(static_cast<double>(few.page_bytes)) + " bytes",
           number(few.rate / few.bare_rate) + " of Beast alone, " + number(few.bare_rate) + " pages/s", "0.25",
           few.rate / few.bare_rate >= 0.25);
    report("GET /v1/tickets, 25 rows, 100,000 tickets",
           number(many.rate) + " pages/s of " + number(static_cast<double>(many.page_bytes)) + " bytes",
           number(many.rate / many.bare_rate) + " of Beast alone, " + number(many.bare_rate) + " pages/s", "0.25",
           many.rate / many.bare_rate >= 0.25);
    // Each beside Beast in the same minute; a twentieth is the noise of two runs.
    const double growth = many.rate / many.bare_rate / (few.rate / few.bare_rate);
    report("the page with 100,000 tickets", number(1e6 / many.rate) + " us", number(growth) + " of the rate with 1,000", "1 (0.95 counts)",
           growth >= 0.95);
    report("resident memory, 100,000 tickets", number(static_cast<double>(many.resident_kib) / 1024) + " MiB",
           number(static_cast<double>(few.resident_kib) / 1024) + " MiB with 1,000", "64 MiB", many.resident_kib <= 64 * 1024);
    report("start to first answer, 100,000 tickets", number(many.first_answer) + " s", number(few.first_answer) + " s with 1,000", "0.20 s",
           many.first_answer <= 0.2);
}
