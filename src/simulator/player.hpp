#pragma once

#include "house.hpp"

#include <deque>
#include <string>
#include <vector>

namespace sportello::simulator {

/// Brings rows of scenarios and corpora into the world, each at its time, and goes on where an earlier run stopped.
class Player {
public:
    explicit Player(House& house) : house_(house) {}
    void load(const std::string& name, std::vector<PlayRow> rows);
    boost::asio::awaitable<void> play(std::string name, double speed);
    [[nodiscard]] Simulator::Progress progress() const;

private:
    struct Script {
        std::string name;
        std::vector<PlayRow> rows;
        std::size_t played = 0;
    };
    boost::asio::awaitable<void> play(Script& script, double speed);
    void play_row(Script& script);

    House& house_;
    std::deque<Script> scripts_; ///< a deque: plays under way keep their places
};

} // namespace sportello::simulator
