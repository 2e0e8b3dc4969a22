#include "player.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/spdlog.h>

namespace sportello::simulator {
namespace asio = boost::asio;

void Player::load(const std::string& name, std::vector<PlayRow> rows)
{
    Script script{name, std::move(rows), 0};
    script.played = std::min(house_.world.played(name), script.rows.size());
    scripts_.push_back(std::move(script));
}

asio::awaitable<void> Player::play(std::string name, double speed)
{
    const auto script = std::ranges::find(scripts_, name, &Script::name);
    if (script != scripts_.end()) co_await play(*script, speed);
}

asio::awaitable<void> Player::play(Script& script, double speed)
{
    const auto executor = co_await asio::this_coro::executor;
    const auto timer = house_.clock.make_timer(executor);
    // Started again, the play goes on from the row it came to, as if no time had passed.
    const bool again = script.played > 0 && script.played < script.rows.size();
    const auto origin = again ? script.rows[script.played].after : Duration();
    const auto start = house_.clock.now();
    while (script.played < script.rows.size()) {
        if (speed > 0) {
            const auto after = static_cast<double>((script.rows[script.played].after - origin).count());
            const bool came = co_await timer->wait_until(start + Duration(static_cast<Duration::rep>(after / speed)));
            if (!came) co_return;
        }
        play_row(script);
    }
}

void Player::play_row(Script& script)
{
    auto& row = script.rows[script.played];
    const auto label = [&](const std::string& of_row) { return script.name + ":" + of_row; };
    row.item.label = label(row.label.empty() ? "#" + std::to_string(script.played + 1) : row.label);
    if (!row.answers_label.empty()) row.item.in_reply_to = house_.world.labelled(label(row.answers_label));
    // A row whose label is there was written by a run that died before it could count it.
    if (house_.world.labelled(row.item.label).empty()) {
        const auto id = house_.world.write(row.item, house_.clock.now());
        if (!id) spdlog::warn("{}: row {} was left out: {}", script.name, script.played + 1, id.error().what());
    }
    house_.world.mark_played(script.name, ++script.played);
}

Simulator::Progress Player::progress() const
{
    Simulator::Progress progress;
    for (const auto& script : scripts_) {
        progress.played += script.played;
        progress.total += script.rows.size();
    }
    return progress;
}

} // namespace sportello::simulator
