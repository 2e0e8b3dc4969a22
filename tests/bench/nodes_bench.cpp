// What a message and a page cost on PostgreSQL with one, two and three nodes on this machine, beside libpq alone that writes
// the same rows and asks the same query over as many sessions in the same minutes. Its PostgreSQL is the one that
// SPORTELLO_TEST_POSTGRES names, durable (./dev bench --storage postgresql starts one). The house has 5,000 tickets, or as many as
// `--tickets` says.
#include "app/process.hpp"
#include "bare_postgres.hpp"
#include "figures.hpp"
#include "filled_house.hpp"
#include "load_client.hpp"
#include "options.hpp"
#include "processor_time.hpp"
#include "running_server.hpp"

#include <spdlog/spdlog.h>

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace sportello::bench;
namespace test = sportello::test;

constexpr int most_nodes = 3;
constexpr std::int64_t usual_past = 5'000;
constexpr std::int64_t today = 500;
constexpr std::int64_t messages = 3'000;
constexpr std::size_t rows_a_transaction = 1'000;
constexpr int rounds = 5; ///< ours and bare in turn
constexpr std::size_t pages_a_round = 600;
constexpr std::size_t connections = 24;
constexpr int sessions_a_node = 2; ///< that read
constexpr int rows = 25;
const std::vector<std::string> tables{"customer", "identity", "ticket", "message", "event"}; // each refers to those before it only

using Keys = std::map<std::string, std::int64_t>;
using Rows = std::map<std::string, std::vector<PostgresCells>>;

std::string key_of(const std::string& table)
{
    return table == "event" ? "seq" : "id";
}

Keys present_keys(BarePostgres& db)
{
    Keys keys;
    for (const auto& table : tables) keys[table] = db.number("SELECT coalesce(max(" + key_of(table) + "), 0) FROM " + table);
    return keys;
}

Rows rows_behind(BarePostgres& db, const Keys& keys)
{
    Rows added;
    for (const auto& [table, last] : keys)
        added[table] = db.rows("SELECT * FROM " + table + " WHERE " + key_of(table) + " > " + std::to_string(last) + " ORDER BY 1");
    return added;
}

double processor_seconds_of_children()
{
    rusage usage{};
    getrusage(RUSAGE_CHILDREN, &usage);
    const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double processor_seconds_of_this()
{
    return processor_seconds_of(getpid());
}

/// Makes a database anew, with all that another holds. Nobody may be connected to that one.
void copy_database_of(BarePostgres& server, const std::string& from, const std::string& to)
{
    server.run("DROP DATABASE IF EXISTS " + to + " WITH (FORCE)");
    server.run("CREATE DATABASE " + to + " TEMPLATE " + from);
    server.run("CHECKPOINT"); // the copy is on the disk before anything is measured
}

struct Cost {
    double rate = 0;                  ///< a second
    double processor_seconds = 0;     ///< of one, programs and PostgreSQL together
    double own_processor_seconds = 0; ///< the programs' share
};

/// Each node is a process that reads a channel of its own to the end.
Cost take_in(BarePostgres& server, const std::string& url, int nodes)
{
    const test::TemporaryFolder folder;
    const pid_t postgres = server.server_process();
    const double before_ours = processor_seconds_of_children(), before = processor_seconds_of_family(postgres);
    std::vector<std::unique_ptr<test::Process>> running;
    const auto output = [&](int node) { return folder / std::to_string(node); };
    for (int node = 0; node < nodes; ++node) {
        test::Command command;
        command.words = {std::filesystem::read_symlink("/proc/self/exe"), "--node", url, std::to_string(node + 1),
                         std::to_string(messages / nodes)};
        command.output = output(node);
        running.push_back(std::make_unique<test::Process>(command));
    }
    double seconds = 0;
    for (int node = 0; node < nodes; ++node) {
        const std::string file = output(node);
        if (running[static_cast<std::size_t>(node)]->wait(600) != 0) throw std::runtime_error("a node: " + test::read_file(file));
        // What it prints last is how long it took.
        const std::string text = test::read_file(file);
        seconds = std::max(seconds, std::stod(text.substr(text.find("took ") + 5)));
    }
    const double ours = processor_seconds_of_children() - before_ours;
    const double all = ours + processor_seconds_of_family(postgres) - before;
    const auto count = static_cast<double>(messages);
    return {.rate = count / seconds, .processor_seconds = all / count, .own_processor_seconds = ours / count};
}

/// The same rows over as many sessions, table after table, in large transactions.
Cost insert_bare(BarePostgres& server, const std::string& url, const Rows& all, int sessions)
{
    const pid_t postgres = server.server_process();
    std::vector<std::unique_ptr<BarePostgres>> connected;
    for (int i = 0; i < sessions; ++i) connected.push_back(std::make_unique<BarePostgres>(url));
    const double before_ours = processor_seconds_of_this(), before = processor_seconds_of_family(postgres);
    std::atomic<bool> failed = false;
    const double seconds = seconds_of([&] {
        std::barrier between_tables(sessions);
        std::vector<std::thread> threads;
        for (int session = 0; session < sessions; ++session) {
            threads.emplace_back([&, session] {
                BarePostgres& db = *connected[static_cast<std::size_t>(session)];
                for (const auto& table : tables) {
                    const auto& list = all.at(table);
                    const auto part = [&](int n) { return list.size() * static_cast<std::size_t>(n) / static_cast<std::size_t>(sessions); };
                    try {
                        std::size_t in_transaction = 0;
                        db.run("BEGIN");
                        for (std::size_t i = part(session); i < part(session + 1); ++i) {
                            db.insert(table, list[i]);
                            if (++in_transaction % rows_a_transaction == 0) db.run("COMMIT; BEGIN");
                        }
                        db.run("COMMIT");
                    } catch (const std::exception& error) {
                        std::cerr << error.what() << "\n";
                        failed = true;
                    }
                    between_tables.arrive_and_wait(); // what the next table refers to is there
                }
            });
        }
        for (auto& thread : threads) thread.join();
    });
    if (failed) throw std::runtime_error("libpq alone could not insert the rows");
    const double ours = processor_seconds_of_this() - before_ours;
    const double together = ours + processor_seconds_of_family(postgres) - before;
    const auto count = static_cast<double>(messages);
    return {.rate = count / seconds, .processor_seconds = together / count, .own_processor_seconds = ours / count};
}

/// Pages over HTTP, dealt out to the nodes in turn.
struct Pages {
    Cost ours;
    Cost bare;
    Spread alone;
};

const std::string page_query = [] {
    std::string sql;
    for (const char* status : {"new", "open", "pending", "on_hold", "solved", "closed"}) {
        if (!sql.empty()) sql += " UNION ALL ";
        sql += std::string("(SELECT t.*, i.name AS customer_name, i.handle, a.name AS assignee_name FROM ticket t JOIN identity i ON "
                           "i.id = t.identity_id LEFT JOIN agent a ON a.id = t.assignee_id WHERE t.status = '") +
               status + "' AND t.aside || '' NOT IN ('spam', 'noise') ORDER BY t.updated_at DESC, t.id DESC LIMIT $1)";
    }
    return sql + " ORDER BY updated_at DESC, id DESC LIMIT $1";
}();

/// A node's reading, without the node: a snapshot, the query, every cell looked at.
void read_pages(std::vector<std::unique_ptr<BarePostgres>>& sessions, std::size_t count)
{
    std::atomic<std::size_t> left = count;
    std::vector<std::thread> threads;
    for (auto& session : sessions) {
        threads.emplace_back([&] {
            for (std::size_t now = left.load(); now > 0;) {
                if (!left.compare_exchange_weak(now, now - 1)) continue;
                session->run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
                (void)session->read("page", page_query, {std::to_string(rows + 1)});
                session->run("COMMIT");
                now = left.load();
            }
        });
    }
    for (auto& thread : threads) thread.join();
}

Pages measure_pages(BarePostgres& server, const std::string& url, int nodes)
{
    std::vector<std::unique_ptr<RunningServer>> servers;
    std::vector<std::uint16_t> ports;
    for (int node = 0; node < nodes; ++node) {
        servers.push_back(std::make_unique<RunningServer>(url));
        servers.back()->start();
        ports.push_back(servers.back()->port());
    }
    const std::string bearer = servers.front()->log_in();
    const auto request = [&](std::size_t) { return request_text("GET", "/v1/tickets?limit=" + std::to_string(rows), bearer); };
    std::vector<std::unique_ptr<BarePostgres>> sessions;
    for (int i = 0; i < nodes * sessions_a_node; ++i) sessions.push_back(std::make_unique<BarePostgres>(url));

    (void)load(ports, connections, pages_a_round, request, 200);
    read_pages(sessions, pages_a_round);
    const pid_t postgres = server.server_process();
    const auto of_servers = [&] {
        double seconds = 0;
        for (const auto& one : servers) seconds += one->processor_seconds();
        return seconds;
    };
    std::vector<double> alone;
    double seconds = 0, bare_seconds = 0, used = 0, used_by_ours = 0, bare_used = 0;
    for (int round = 0; round < rounds; ++round) {
        const double postgres_before = processor_seconds_of_family(postgres), ours_before = of_servers();
        seconds += load(ports, connections, pages_a_round, request, 200).seconds;
        used_by_ours += of_servers() - ours_before;
        const double postgres_between = processor_seconds_of_family(postgres), this_before = processor_seconds_of_this();
        used += postgres_between - postgres_before;
        bare_seconds += seconds_of([&] { read_pages(sessions, pages_a_round); });
        bare_used += processor_seconds_of_family(postgres) - postgres_between + processor_seconds_of_this() - this_before;
        auto one = load(ports, 1, 100, request, 200);
        alone.insert(alone.end(), one.latencies.begin(), one.latencies.end());
    }
    for (const auto& one : servers) one->stop();
    const auto count = static_cast<double>(pages_a_round * rounds);
    return {.ours = {.rate = count / seconds,
                     .processor_seconds = (used + used_by_ours) / count,
                     .own_processor_seconds = used_by_ours / count},
            .bare = {.rate = count / bare_seconds, .processor_seconds = bare_used / count, .own_processor_seconds = 0},
            .alone = spread_of(alone)};
}

std::string with(int nodes)
{
    return " with " + std::to_string(nodes) + (nodes == 1 ? " node" : " nodes");
}

std::string micros(double seconds)
{
    return number(seconds * 1e6) + " us";
}

void report_cost(const std::string& name, const std::string& what, const Cost& ours, const Cost& bare, double goal, const std::string& more)
{
    report(name,
           number(ours.rate) + " " + what + "/s" + more + ", " + micros(ours.processor_seconds) + " of processor time each (" +
               micros(ours.own_processor_seconds) + " of them outside PostgreSQL)",
           number(ours.rate / bare.rate) + " of libpq alone, " + number(bare.rate) + "/s, " + micros(bare.processor_seconds) + " each",
           number(goal), ours.rate / bare.rate >= goal);
}

void report_growth(const std::string& name, const Cost& now, const Cost& first)
{
    const double growth = now.processor_seconds / first.processor_seconds;
    report(name, number(growth) + " of the processor time with one node", "the rate " + number(now.rate / first.rate) + " times",
           "1 (up to 1.2 counts)", growth <= 1.2);
}

void run(const std::string& given, std::int64_t past)
{
    BarePostgres server(given);
    std::cout << "  " << server.rows("SELECT version()").at(0).at(0).value() << "\n";
    for (const char* setting : {"fsync", "full_page_writes", "synchronous_commit"}) {
        const auto value = server.rows(std::string("SHOW ") + setting).at(0).at(0).value();
        std::cout << "  " << setting << " = " << value << "\n";
        if (value != "on") throw std::runtime_error("the figures would not be of a durable PostgreSQL");
    }
    const std::string base_name = "bench_base", ours_name = "bench_ours", bare_name = "bench_bare";
    server.run("DROP DATABASE IF EXISTS " + base_name + " WITH (FORCE)");
    server.run("CREATE DATABASE " + base_name);
    const Filling filling = fill_house(url_of_database(given, base_name), past, today);
    std::cout << "  " << number(past) << " tickets were written in " << number(filling.writing_seconds) << " s and indexed in "
              << number(filling.indexing_seconds) << " s\n";
    server.run("VACUUM"); // of the server's own database only: the copies are made of files
    BarePostgres(url_of_database(given, base_name)).run("VACUUM ANALYZE");

    std::vector<Cost> taken;
    std::vector<Pages> pages;
    for (int nodes = 1; nodes <= most_nodes; ++nodes) {
        copy_database_of(server, base_name, ours_name);
        copy_database_of(server, base_name, bare_name);
        const std::string ours_url = url_of_database(given, ours_name);
        Keys before;
        before = present_keys(*std::make_unique<BarePostgres>(ours_url));
        taken.push_back(take_in(server, ours_url, nodes));
        const Rows added = rows_behind(*std::make_unique<BarePostgres>(ours_url), before);
        if (added.at("message").size() != static_cast<std::size_t>(messages)) throw std::runtime_error("a message is missing");
        if (BarePostgres(ours_url).number("SELECT count(*) FROM ticket WHERE assignee_id IS NULL AND status = 'new'") != 0)
            throw std::runtime_error("a ticket was not assigned");
        std::size_t row_count = 0;
        for (const auto& [table, list] : added) row_count += list.size();
        const Cost bare = insert_bare(server, url_of_database(given, bare_name), added, nodes);
        report_cost("intake, connector to assigned ticket," + with(nodes), "messages", taken.back(), bare, 0.33,
                    " (" + number(static_cast<double>(row_count) / static_cast<double>(messages)) + " rows each)");
        if (nodes > 1) report_growth("the message" + with(nodes), taken.back(), taken.front());
        pages.push_back(measure_pages(server, ours_url, nodes));
        report_cost("GET /v1/tickets, " + std::to_string(rows) + " rows," + with(nodes), "pages", pages.back().ours, pages.back().bare,
                    0.25, ", alone " + milliseconds(pages.back().alone));
        if (nodes > 1) report_growth("the page" + with(nodes), pages.back().ours, pages.front().ours);
    }
    for (const auto& name : {base_name, ours_name, bare_name}) server.run("DROP DATABASE " + name + " WITH (FORCE)");
}

} // namespace

int main(int count, char** words)
{
    if (count == 5 && std::string(words[1]) == "--node") {
        spdlog::set_level(spdlog::level::err); // what it prints is read
        const double seconds = take_messages_in(words[2], std::stoll(words[4]), std::stoi(words[3]));
        std::cout << "took " << seconds << std::endl;
        return 0;
    }
    const char* url = std::getenv("SPORTELLO_TEST_POSTGRES");
    const Options options = read_options(count, words);
    if (url == nullptr) {
        std::cerr << "nodes_bench wants a PostgreSQL in SPORTELLO_TEST_POSTGRES: ./dev bench --storage postgresql\n";
        return 2;
    }
    for (const std::int64_t past : options.tickets.empty() ? std::vector{usual_past} : options.tickets) run(url, past);
}
