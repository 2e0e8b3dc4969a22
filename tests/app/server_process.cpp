#include "server_process.hpp"

#include <gtest/gtest.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sqlite3.h>
#include <libpq-fe.h>

#include <sstream>
#include <stdexcept>

namespace sportello::test {
namespace asio = boost::asio;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

std::int64_t count_on_postgresql(const std::string& url, const std::string& sql)
{
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), &PQfinish);
    const std::unique_ptr<PGresult, decltype(&PQclear)> answer(PQexec(connection.get(), sql.c_str()), &PQclear);
    if (PQresultStatus(answer.get()) == PGRES_TUPLES_OK && PQntuples(answer.get()) > 0) return std::atoll(PQgetvalue(answer.get(), 0, 0));
    ADD_FAILURE() << sql << ": " << PQerrorMessage(connection.get());
    return -1;
}

} // namespace

LiveHouse::LiveHouse(LiveHouseOptions options) : options_(std::move(options)), client_(io.get_executor(), {}), servers_(options_.nodes)
{
    read_credentials();
}

LiveHouse::~LiveHouse()
{
    for (const Server& server : servers_) {
        if (server.process) server.process->kill();
    }
    if (simulator_) simulator_->kill();
    if (!testing::Test::HasFailure()) return;
    for (std::size_t node = 0; node < servers_.size(); ++node) {
        const std::string log = server_log(node);
        std::cerr << "The end of the log of server " << node << ":\n" << log.substr(std::max<std::size_t>(log.size(), 4000) - 4000);
    }
}

void LiveHouse::read_credentials()
{
    std::vector<std::string> words{program("sportello-simulator"), "--credentials-env"};
    if (!options_.corpus.empty()) words.insert(words.end(), {"--corpus", options_.corpus});
    const Finished listed = run_program(words);
    if (listed.status != 0) throw std::runtime_error("sportello-simulator --credentials-env: " + listed.error);
    std::istringstream lines(listed.out);
    for (std::string line; std::getline(lines, line);) credentials_.push_back(line);
}

/// Waits for the ready file of the program NAME. @return the port that it names.
asio::awaitable<std::uint16_t> LiveHouse::ready(Process& process, std::string name)
{
    const auto file = folder_ / (name + ".ready");
    const auto log = folder_ / (name + ".log");
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!std::filesystem::exists(file)) {
        if (process.ended())
            throw std::runtime_error(name + " ended with " + std::to_string(*process.ended()) + " before it was ready: " + read_file(log));
        if (std::chrono::steady_clock::now() > deadline)
            throw std::runtime_error(name + " is not ready within a minute: " + read_file(log));
        co_await pause(5ms);
    }
    co_return json::parse(read_file(file)).at("port").get<std::uint16_t>();
}

void LiveHouse::start_simulator()
{
    const auto ready_file = folder_ / "simulator.ready";
    std::filesystem::remove(ready_file);
    Command command;
    command.words = {program("sportello-simulator"),
                     "--port",
                     std::to_string(simulator_port_),
                     "--data",
                     folder_ / ("world" + std::to_string(worlds_)),
                     "--ready-file",
                     ready_file,
                     "--rate-limits",
                     std::to_string(options_.rate_limits),
                     "--quiet-scenario"};
    if (!options_.corpus.empty()) command.words.insert(command.words.end(), {"--corpus", options_.corpus, "--speed", "0"});
    command.output = folder_ / "simulator.log";
    simulator_ = std::make_unique<Process>(command);
    simulator_port_ = run(ready(*simulator_, "simulator"));
    write_configuration();
}

void LiveHouse::restart_simulator(bool fresh_world)
{
    EXPECT_EQ(simulator_->stop(), 0);
    worlds_ += fresh_world;
    start_simulator();
}

void LiveHouse::write_configuration()
{
    std::ostringstream toml;
    toml << "include = [\"" << options_.base.string() << "\"";
    if (!options_.corpus.empty()) {
        const Finished channels = run_program({program("sportello-simulator"), "--channels-toml", "--corpus", options_.corpus});
        write_file(folder_ / "corpus.toml", channels.out);
        toml << ", \"corpus.toml\"";
    }
    if (options_.postgresql.empty()) toml << "]\n[storage]\nurl = \"sqlite:" << database().string() << "\"\n";
    else toml << "]\n[storage]\nlease = \"2s\"\nurl = \"" << options_.postgresql << "\"\n" << options_.storage;
    for (const char* platform : {"facebook", "twitter"}) toml << "[platform." << platform << "]\napi = \"" << simulator_url() << "\"\n";
    toml << "[polling]\nopen = \"" << options_.polling << "\"\nclosed = \"" << options_.polling
         << "\"\nrecheck = \"2s\"\n[calendar.office]\n";
    for (const char* day : {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
        toml << day << " = [\"00:00-24:00\"]\n";
    toml << "holidays = []\n";
    // Nobody is signed in here, and gets work all the same.
    toml << "[assignment]\nabsent_after = \"0s\"\n";
    if (!options_.assign) toml << "policy = \"manual\"\n";
    write_file(config(), toml.str() + options_.toml);
}

asio::awaitable<bool> LiveHouse::server_up(std::size_t node)
{
    const std::string name = name_of(node);
    const auto ready_file = folder_ / (name + ".ready");
    std::filesystem::remove(ready_file);
    Command command;
    const auto own = own_config(node);
    const auto configuration = std::filesystem::exists(own) ? own : config();
    command.words = {program("sportello"), "serve", "--config", configuration, "--port", "0", "--ready-file", ready_file};
    command.environment = credentials_;
    command.output = folder_ / (name + ".log");
    servers_[node].process = std::make_unique<Process>(command);
    auto up = ready(*servers_[node].process, name);
    servers_[node].port = co_await std::move(up);
    co_return true;
}

void LiveHouse::kill_server(std::size_t node)
{
    servers_[node].process->kill();
}

std::optional<int> LiveHouse::stop_server(std::size_t node)
{
    return servers_[node].process->stop();
}

void LiveHouse::set_password(const std::string& login)
{
    const Finished set = run_program({program("sportello"), "user", "passwd", login, "--password-stdin", "--config", config()},
                                     credentials_, std::string(password) + "\n");
    ASSERT_EQ(set.status, 0) << set.error;
}

void LiveHouse::log_in(const std::string& login)
{
    cookie_.clear();
    const Answer answer = post("/v1/session", {{"login", login}, {"password", password}});
    ASSERT_EQ(answer.status, 200) << answer.text << answer.failure;
    const std::string cookie(answer.headers.find("Set-Cookie").value_or(""));
    cookie_ = cookie.substr(0, cookie.find(';'));
    csrf_token_ = answer.body.at("csrf_token").get<std::string>();
}

asio::awaitable<Answer> LiveHouse::exchange(http::ClientRequest request)
{
    request.fresh_connection = true;
    const http::Exchange exchanged = co_await client_.send(std::move(request));
    Answer answer;
    answer.failure = exchanged.failure;
    if (!exchanged.response) co_return answer;
    answer.status = exchanged.response->status;
    answer.text = exchanged.response->body;
    answer.headers = exchanged.response->headers;
    answer.body = json::parse(answer.text, nullptr, false);
    if (answer.body.is_discarded()) answer.body = nullptr;
    co_return answer;
}

asio::awaitable<Answer> LiveHouse::call(http::Method method, std::string path, json body, std::string key)
{
    http::ClientRequest request;
    request.method = method;
    request.url = server_url(next_node()) + path;
    if (!cookie_.empty()) request.headers.add("Cookie", cookie_);
    if (!cookie_.empty() && method != http::Method::get) request.headers.add("X-CSRF-Token", csrf_token_);
    if (!key.empty()) request.headers.add("Idempotency-Key", key);
    if (!body.is_null()) {
        request.headers.add("Content-Type", "application/json");
        request.body = body.dump();
    }
    auto exchanged = exchange(std::move(request));
    co_return co_await std::move(exchanged);
}

asio::awaitable<Answer> LiveHouse::control(http::Method method, std::string path, json body)
{
    http::ClientRequest request;
    request.method = method;
    request.url = simulator_url() + path;
    if (!body.is_null()) {
        request.headers.add("Content-Type", "application/json");
        request.body = body.dump();
    }
    auto exchanged = exchange(std::move(request));
    co_return co_await std::move(exchanged);
}

std::vector<json> LiveHouse::list(const std::string& path)
{
    std::vector<json> items;
    const std::string separator = path.find('?') == std::string::npos ? "?" : "&";
    std::string cursor;
    do {
        const Answer page = get(path + separator + "limit=100" + (cursor.empty() ? "" : "&cursor=" + http::percent_encode(cursor)));
        if (page.status != 200) throw std::runtime_error(path + ": " + std::to_string(page.status) + " " + page.text + page.failure);
        for (const json& item : page.body.at("items")) items.push_back(item);
        const json& next = page.body.at("next_cursor");
        cursor = next.is_string() ? next.get<std::string>() : std::string();
    } while (!cursor.empty());
    return items;
}

std::string LiveHouse::customer_writes(const std::string& platform, const std::string& account, const std::string& kind,
                                       const std::string& author, const std::string& text, const std::string& in_reply_to)
{
    json post{{"platform", platform}, {"account", account}, {"kind", kind}, {"author", author}, {"text", text}};
    if (!in_reply_to.empty()) post["in_reply_to"] = in_reply_to;
    const Answer written = run(control(http::Method::post, "/control/posts", std::move(post)));
    EXPECT_EQ(written.status, 201) << written.text << written.failure;
    return written.status == 201 ? written.body.at("id").get<std::string>() : std::string();
}

json LiveHouse::truth(const std::string& platform, const std::string& account)
{
    const Answer answer = run(control(http::Method::get, "/control/truth?platform=" + platform + "&account=" + account));
    if (answer.status != 200) throw std::runtime_error("/control/truth: " + answer.text + answer.failure);
    return answer.body.is_array() ? answer.body : answer.body.at("items");
}

bool LiveHouse::eventually(const std::string& what, const std::function<bool()>& holds, int seconds)
{
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline) {
            ADD_FAILURE() << "not within " << seconds << " s: " << what;
            return false;
        }
        asio::steady_timer(io, 50ms).wait();
    }
    return true;
}

asio::awaitable<void> LiveHouse::pause(std::chrono::milliseconds time)
{
    asio::steady_timer timer(io, time);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

std::int64_t LiveHouse::count(const std::string& sql)
{
    if (!options_.postgresql.empty()) return count_on_postgresql(options_.postgresql, sql);
    sqlite3* db = nullptr;
    sqlite3_stmt* statement = nullptr;
    std::int64_t number = -1;
    sqlite3_open_v2(database().c_str(), &db, SQLITE_OPEN_READWRITE, nullptr); // a WAL's reader shares its index
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_exec(db, "PRAGMA query_only = 1; PRAGMA wal_autocheckpoint = 0", nullptr, nullptr, nullptr);
    sqlite3_busy_timeout(db, 5000);
    if (sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        number = sqlite3_column_int64(statement, 0);
    } else {
        ADD_FAILURE() << sql << ": " << sqlite3_errmsg(db);
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return number;
}

} // namespace sportello::test
