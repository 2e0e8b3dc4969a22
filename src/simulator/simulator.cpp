#include "control.hpp"
#include "graph_api.hpp"
#include "graph_webhooks.hpp"
#include "house.hpp"
#include "journal.hpp"
#include "pages.hpp"
#include "player.hpp"
#include "x_api.hpp"
#include <sportello/simulator/simulator.hpp>

namespace sportello::simulator {
namespace asio = boost::asio;

struct Simulator::Impl {
    Impl(base::Clock& clock, base::Random& random, SimulatorOptions options)
        : shifted(clock), house{shifted, random, std::move(options)}, graph(house), graph_webhooks(house), x(house), player(house),
          control(house, [this] { return player.progress(); }), pages(house)
    {
    }

    asio::awaitable<http::Response> serve(http::Request& request)
    {
        const std::string_view path = request.path;
        if (path.starts_with("/control/")) co_return control.serve(request);
        if (path.starts_with("/graph/")) co_return co_await graph.serve(request, "/graph");
        if (path.starts_with("/x/") && XApi::is_path(path.substr(2))) co_return co_await x.serve(request, "/x");
        if (XApi::is_path(path)) co_return co_await x.serve(request, "");
        if (auto page = pages.serve(request)) co_return std::move(*page);
        co_return co_await graph.serve(request, "");
    }

    ShiftedClock shifted;
    House house;
    Journal journal;
    GraphApi graph;
    GraphWebhooks graph_webhooks;
    XApi x;
    Player player;
    Control control;
    Pages pages;
};

Simulator::Simulator(base::Clock& clock, base::Random& random, SimulatorOptions options)
    : impl_(std::make_unique<Impl>(clock, random, std::move(options)))
{
    const auto& house = impl_->house;
    if (!house.options.demo || !house.options.data_dir.empty()) return;
    for (const auto& account : demo_accounts()) impl_->house.world.add_account(account);
}

Simulator::~Simulator() = default;

base::Result<void> Simulator::open()
{
    auto& world = impl_->house.world;
    auto opened = impl_->journal.open(impl_->house.options.data_dir, [&](std::string_view line) { return world.replay(line); });
    if (!opened) return opened;
    // What was written in a future that somebody asked for stays in the past.
    if (const auto shift = world.kept(clock_key); !shift.empty()) impl_->shifted.advance(Duration(std::stoll(shift)));
    world.on_change([this](std::string_view line) { impl_->journal.append(line); });
    if (!impl_->house.options.demo) return {};
    for (const auto& account : demo_accounts()) world.add_account(account);
    return {};
}

http::Handler Simulator::handler()
{
    return [this](http::Request& request) { return impl_->serve(request); };
}

World& Simulator::world()
{
    return impl_->house.world;
}

Faults& Simulator::faults()
{
    return impl_->house.faults;
}

base::Result<std::string> Simulator::write(const NewItem& item)
{
    return impl_->house.world.write(item, impl_->house.clock.now());
}

void Simulator::load(const std::string& player, std::vector<PlayRow> rows)
{
    impl_->player.load(player, std::move(rows));
}

asio::awaitable<void> Simulator::play(std::string player, double speed)
{
    return impl_->player.play(std::move(player), speed);
}

void Simulator::reach_listeners_through(http::Transport& transport)
{
    impl_->house.webhooks.reach_through(transport);
}

asio::awaitable<int> Simulator::send_webhooks()
{
    return impl_->house.webhooks.send_due();
}

asio::awaitable<void> Simulator::run_webhooks()
{
    return impl_->house.webhooks.run();
}

void Simulator::stop_webhooks()
{
    impl_->house.webhooks.stop();
}

Simulator::Progress Simulator::progress() const
{
    return impl_->player.progress();
}

} // namespace sportello::simulator
