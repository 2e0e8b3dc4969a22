#include "alert_sender.hpp"
#include "commands.hpp"

#include <sportello/base/clock.hpp>

#include <sportello/http/outbound.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>

namespace sportello::app {
namespace {

namespace asio = boost::asio;

/// To every recipient of every step. @return how many were not reached.
asio::awaitable<int> send_all(const Config& config, std::string only, domain::AlertKind kind, engine::AlertSender& sender,
                              const base::Clock& clock)
{
    int failed = 0;
    for (const engine::AlertRouteSettings& alert : config.alerts.routes) {
        if (!only.empty() && alert.route.name != only) continue;
        std::cout << "[[alert]] " << alert.route.name << "\n";
        for (std::size_t step = 0; step < alert.steps.size(); ++step) {
            for (const engine::AlertRecipient& recipient : alert.steps[step]) {
                engine::AlertLetter letter = engine::write_test_letter(alert, step, kind, clock.now());
                const auto sent = co_await sender.send(recipient, std::move(letter));
                std::cout << "  step " << step + 1 << "  " << recipient.label << "  "
                          << (sent ? std::string("sent") : "NOT SENT: " + sent.error().what()) << std::endl;
                failed += !sent;
            }
        }
    }
    co_return failed;
}

} // namespace

int alert(const CommandLine& line, const Config& config)
{
    if (line.words.empty() || line.words.front() != "test" || line.words.size() > 2) {
        std::cerr << "sportello: expected `sportello alert test [NAME] [--kind KIND]`; `sportello alert --help` tells more\n";
        return 2;
    }
    const std::string only = line.words.size() == 2 ? line.words[1] : "";
    const auto kind = domain::parse_alert_kind(line.kind.empty() ? "access" : line.kind);
    if (!kind) {
        std::cerr << "sportello: --kind: there is no kind '" << line.kind << "'; there are";
        for (const domain::AlertKind known : domain::alert_kinds()) std::cerr << " " << to_string(known);
        std::cerr << "\n";
        return 2;
    }
    if (config.alerts.routes.empty()) {
        std::cerr << "sportello: the configuration has no [[alert]]: nobody is told of anything\n";
        return 1;
    }
    if (!only.empty() && !config.alerts.route(only)) {
        std::cerr << "sportello: there is no [[alert]] with the name '" << only << "'\n";
        return 1;
    }
    asio::io_context io(1);
    http::OutboundClient client(io.get_executor(), config.outbound);
    Mailer mailer(config.mail);
    AlertPost post(client, mailer);
    base::SystemClock clock;
    int not_reached = 0;
    std::exception_ptr failure;
    asio::co_spawn(io, send_all(config, only, *kind, post, clock), [&](const std::exception_ptr& error, int count) {
        failure = error;
        not_reached = count;
        io.stop();
    });
    io.run();
    if (failure) std::rethrow_exception(failure);
    if (config.alerts.public_url.empty()) std::cout << "Without [server] public_url no letter holds a link to acknowledge by.\n";
    return not_reached == 0 ? 0 : 1;
}

} // namespace sportello::app
