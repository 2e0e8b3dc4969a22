#include "commands.hpp"
#include "database.hpp"
#include "first_admin.hpp"
#include "running.hpp"
#include "service_manager.hpp"

#include <sportello/base/log.hpp>
#include <sportello/domain/automatic_answer.hpp>
#include <sportello/http/client.hpp>
#include <sportello/http/server.hpp>
#include <sportello/storage/reports.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/spdlog.h>

#include <fstream>
#include <iostream>
#include <list>

#include <unistd.h>

namespace sportello::app {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// A poll of a retired configuration may still wait for its platform's answer.
constexpr base::Duration retired_for = 60s;

/// Tells scripts that requests are answered: written aside, then renamed, so that nobody reads half of it.
void write_ready_file(const std::filesystem::path& path, std::uint16_t port)
{
    if (path.empty()) return;
    const std::filesystem::path aside = path.string() + ".tmp";
    std::ofstream(aside) << "{\"port\": " << port << ", \"pid\": " << getpid() << "}\n";
    std::filesystem::rename(aside, path);
}

std::string address_of(const http::ServerOptions& server, std::uint16_t port)
{
    const bool v6 = server.address.find(':') != std::string::npos;
    return (server.certificate_file.empty() ? "http://" : "https://") + (v6 ? "[" + server.address + "]" : server.address) + ":" +
           std::to_string(port);
}

/// On the console and not in the log: whoever reads it can become admin.
void welcome_first_admin(storage::Database& db, base::Clock& clock, base::Random& random, const std::string& origin, bool one_of_several)
{
    const auto token = first_admin_token(db, clock, random);
    if (!token) spdlog::error("look for an admin: {}", token.error().what());
    else if (*token) std::cout << first_admin_notice(origin, **token, one_of_several) << std::flush;
}

/// What the engine asks the database for.
base::Result<void> put_down_switches(storage::Database& db, const Config& config, base::Instant now)
{
    return db.write_now([&](storage::Transaction& tx) -> base::Result<void> {
        storage::switch_on(tx, storage::require_reason, config.require_reason, domain::counter_itself, now);
        return {};
    });
}

/// What a reload cannot change, in words; empty: nothing of that was changed.
std::string needs_restart(const Config& before, const Config& after)
{
    std::string words;
    const auto note = [&](bool changed, const char* key) {
        if (changed) words += (words.empty() ? "" : ", ") + std::string(key);
    };
    const http::ServerOptions &was = before.server, &is = after.server;
    note(was.address != is.address || was.port != is.port, "server.listen");
    note(was.certificate_file.empty() != is.certificate_file.empty(), "server.certificate (with or without TLS)");
    note(was.trusted_proxies != is.trusted_proxies, "server.trusted_proxies");
    note(was.body_limit_bytes != is.body_limit_bytes, "server.body_limit_bytes");
    note(was.connection_limit != is.connection_limit, "server.connection_limit");
    note(before.database_url != after.database_url || before.migrations != after.migrations ||
             before.database_pooled != after.database_pooled || before.database_listen_url != after.database_listen_url,
         "storage");
    return words;
}

/// The process: what stays, and the configuration in force.
class Service {
public:
    Service(const CommandLine& line, const Config& config, storage::Database& db)
        : line_(line), db_(db), client_(io_.get_executor(), {}), grounds_{io_.get_executor(),
                                                                          db_,
                                                                          client_,
                                                                          clock_,
                                                                          random_,
                                                                          api::make_metrics(),
                                                                          std::make_shared<std::atomic<bool>>(false),
                                                                          std::make_shared<std::atomic<bool>>(true),
                                                                          nullptr},
          current_(std::make_shared<Running>(config, grounds_)),
          server_(io_.get_executor(), options(config), [this](http::Request& request) { return Running::answer(current_, request); }),
          signals_(io_, SIGINT, SIGTERM, SIGHUP), turned_(clock_, io_.get_executor())
    {
    }

    int run()
    {
        const auto port = server_.start();
        if (!port) {
            std::cerr << "sportello: " << port.error().what() << "\n";
            return 1;
        }
        const auto noted = db_.write_now([&](storage::Transaction& tx) -> base::Result<void> {
            engine::note_start(tx, node(), clock_.now());
            return {};
        });
        if (!noted) spdlog::error("note the start: {}", noted.error().what());
        const auto forgotten = current_->prepare();
        if (!forgotten) {
            std::cerr << "sportello: forget again who was erased: " << forgotten.error().what() << "\n";
            return 1;
        }
        if (*forgotten > 0) spdlog::warn("the database was restored from before {} erasures: they were done again", *forgotten);
        current_->start();
        const std::string address = address_of(options(current_->config()), *port);
        spdlog::info("listening on {}", address);
        const std::string& public_url = current_->config().public_url;
        welcome_first_admin(db_, clock_, random_, public_url.empty() ? address : public_url, !node().empty());
        write_ready_file(line_.ready_file, *port);
        tell_service_manager("READY=1");
        spawn(follow_signals());
        io_.run();
        spdlog::info("stopped");
        return 0;
    }

private:
    /// Among several; the same after each start.
    std::string node() const { return node_among_several(current_->config(), options(current_->config()).port); }

    http::ServerOptions options(const Config& config) const
    {
        http::ServerOptions options = config.server;
        if (line_.port) options.port = *line_.port;
        return options;
    }

    void spawn(asio::awaitable<void> task)
    {
        asio::co_spawn(io_, std::move(task), [](const std::exception_ptr& failure) {
            if (failure) std::rethrow_exception(failure);
        });
    }

    asio::awaitable<void> follow_signals()
    {
        while (true) {
            const int signal = co_await signals_.async_wait(asio::use_awaitable);
            if (signal == SIGHUP) {
                wanted_ = true;
                if (!std::exchange(reloading_, true)) spawn(reload_while_wanted());
                continue;
            }
            if (std::exchange(stopping_, true)) {
                spdlog::warn("told to stop a second time: not waiting any longer");
                io_.stop();
                co_return;
            }
            spawn(stop());
        }
    }

    asio::awaitable<void> reload_while_wanted()
    {
        while (std::exchange(wanted_, false) && !stopping_) {
            tell_service_manager("RELOADING=1");
            co_await reload();
            tell_service_manager("READY=1");
        }
        reloading_ = false;
        turned_.notify();
    }

    void refuse(const std::string& why)
    {
        *grounds_.reload_ok = false;
        spdlog::error("reload refused, the old configuration stays in force: {}", why);
    }

    /// The old configuration stays in force until the new one is known to be good.
    asio::awaitable<void> reload()
    {
        LoadedConfig loaded = load_config(line_.config, process_environment);
        for (const ConfigProblem& warning : loaded.warnings) spdlog::warn("{} (warning)", warning.to_string());
        for (const ConfigProblem& problem : loaded.problems) spdlog::error("{}", problem.to_string());
        if (!loaded.config) {
            refuse(std::to_string(loaded.problems.size()) + " mistakes in " + line_.config.string());
            co_return;
        }
        Config& config = *loaded.config;
        const Config& before = current_->config();
        const std::string later = needs_restart(before, config);
        if (!later.empty()) spdlog::warn("reload: these take effect at the next restart only: {}", later);
        config.database_url = before.database_url;
        config.migrations = before.migrations;
        config.engine.lineage_file = before.engine.lineage_file;
        if (!before.server.certificate_file.empty() && !config.server.certificate_file.empty()) {
            const auto changed = server_.use_certificate(config.server.certificate_file, config.server.key_file);
            if (!changed) {
                refuse(changed.error().what());
                co_return;
            }
        }
        if (const auto added = add_agents(db_, config, clock_.now()); !added) {
            refuse("take over the configuration's agents: " + added.error().what());
            co_return;
        }
        if (const auto kept = put_down_switches(db_, config, clock_.now()); !kept) {
            refuse(kept.error().what());
            co_return;
        }
        base::set_up_logging(config.log_level, config.log_json);
        co_await replace_by(std::move(config));
        *grounds_.reload_ok = true;
        spdlog::info("reloaded {}", line_.config.string());
    }

    /// One engine at a time: what the old one was sending is known before the new one looks at the outbox.
    asio::awaitable<void> replace_by(Config config)
    {
        const std::shared_ptr<Running> old = current_;
        co_await old->stop(); // it goes on answering requests meanwhile
        if (stopping_) co_return;
        const auto fresh = std::make_shared<Running>(std::move(config), grounds_);
        fresh->start();
        current_ = fresh;
        old->end_streams();
        retired_.push_back(old);
        spawn(forget_later());
    }

    asio::awaitable<void> forget_later()
    {
        const auto timer = clock_.make_timer(io_.get_executor());
        co_await timer->wait_until(clock_.now() + retired_for);
        if (!retired_.empty()) retired_.pop_front();
    }

    asio::awaitable<void> stop()
    {
        const base::Duration drain = current_->config().drain;
        *grounds_.draining = true; // /readyz says so from now on
        tell_service_manager("STOPPING=1");
        spdlog::info("stopping: sends under way are finished, then no new requests are taken");
        current_->end_streams();
        if (drain > 0s) {
            const auto timer = clock_.make_timer(io_.get_executor());
            co_await timer->wait_until(clock_.now() + drain);
        }
        co_await server_.stop();
        while (reloading_) co_await turned_.wait_until(clock_.now() + 1s);
        co_await current_->stop();
        auto note = [&](storage::Transaction& tx) -> base::Result<void> {
            engine::note_stop(tx, node(), clock_.now());
            return {};
        };
        const auto noted = co_await db_.write(note);
        if (!noted) spdlog::error("note the stop: {}", noted.error().what());
        io_.stop();
    }

    const CommandLine& line_;
    storage::Database& db_;
    base::SystemClock clock_;
    base::SystemRandom random_;
    asio::io_context io_{1};
    http::Client client_;
    Grounds grounds_;
    std::shared_ptr<Running> current_;
    std::list<std::shared_ptr<Running>> retired_;
    http::Server server_;
    asio::signal_set signals_;
    base::Signal turned_;
    bool wanted_ = false;
    bool reloading_ = false;
    bool stopping_ = false;
};

} // namespace

int serve(const CommandLine& line, const Config& config)
{
    base::SystemClock clock;
    const auto db = open_database(config, clock);
    if (!db) return 1;
    if (const auto kept = put_down_switches(*db, config, clock.now()); !kept) {
        std::cerr << "sportello: " << kept.error().what() << "\n";
        return 1;
    }
    Service service(line, config, *db);
    return service.run();
}

} // namespace sportello::app
