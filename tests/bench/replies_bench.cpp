// How many replies a second are accepted durably over 32 connections, beside single commits of the rows they leave behind?
#include "bare_rows.hpp"
#include "figures.hpp"
#include "filled_house.hpp"
#include "load_client.hpp"
#include "running_server.hpp"

#include <algorithm>
#include <iostream>

namespace {

using namespace sportello::bench;

constexpr std::int64_t tickets = 5'000;
constexpr std::size_t replies = 5'000;
constexpr std::size_t connections = 32;

/// Each reply with its part and its events in a commit of its own, one after the other.
double commit_one_by_one(const std::filesystem::path& file, const TableRows& rows)
{
    const auto& events = rows.at("event");
    const std::size_t count = rows.at("reply").size(), events_each = events.size() / count;
    BareDatabase database(file);
    return seconds_of([&] {
        for (std::size_t i = 0; i < count; ++i) {
            database.begin();
            database.insert("reply", rows.at("reply")[i]);
            database.insert("reply_part", rows.at("reply_part")[i]);
            for (std::size_t e = 0; e < events_each; ++e) database.insert("event", events[i * events_each + e]);
            database.commit();
        }
    });
}

} // namespace

int main()
{
    const sportello::test::TemporaryFolder folder;
    const auto ours = folder / "ours.db", base = folder / "base.db", bare = folder / "bare.db";
    (void)take_messages_in(ours, tickets);
    RunningServer server(ours);
    server.start();
    const std::string bearer = server.log_in();
    server.stop(); // what was written so far belongs to both databases
    copy_database(ours, base);
    copy_database(ours, bare);

    server.start();
    // Held back for the undo window: what is measured is accepting, not a platform's answers.
    const auto request = [&](std::size_t number) {
        return request_text("POST", "/v1/tickets/" + std::to_string(number % tickets + 1) + "/replies", bearer,
                            R"({"text":"Buongiorno, abbiamo verificato la linea: il guasto sarà riparato entro sera. )" +
                                std::to_string(number) + R"(","visibility":"public","undo_seconds":60})");
    };
    const Load accepted = load({server.port()}, connections, replies, request, 202);
    server.stop();

    const TableRows rows = rows_added(base, ours, {"reply", "reply_part", "event"});
    for (const auto& [table, added] : rows) std::cout << "  " << table << ": " << number(added.size()) << " rows\n";
    const double bare_rate = static_cast<double>(replies) / commit_one_by_one(bare, rows);
    report("accepted durable replies, " + std::to_string(connections) + " connections", number(accepted.rate()) + " replies/s",
           number(accepted.rate() / bare_rate) + " of the bare " + number(bare_rate) + " single commits/s", "over 1",
           accepted.rate() > bare_rate);
}
