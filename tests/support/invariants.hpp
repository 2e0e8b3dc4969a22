#pragma once

#include "support/house.hpp"

#include <map>
#include <set>
#include <string>

namespace sportello::test {

/// What a house was asked to do, and what must therefore hold (the invariants I1 to I12 of reliability): the platforms
/// of the simulator are the truth that the database is held against.
class Invariants {
public:
    explicit Invariants(House& house) : house_(house) {}

    /// A reply was accepted. Its text must be nowhere else.
    void accepted(const domain::Reply& reply, std::string text) { replies_[reply.id.value] = {std::move(text), 0}; }
    /// A person ordered that it is sent again, knowing that it may then be out twice.
    void resent(std::int64_t reply) { ++replies_.at(reply).resends; }
    [[nodiscard]] std::size_t accepted_replies() const { return replies_.size(); }

    /// What must hold at every moment.
    void hold_now();

    /// What must hold once the platforms are well again and there was time to read everything.
    void hold_at_the_end();

private:
    struct Order {
        std::string text;
        std::size_t resends = 0;
    };

    void expect_none(const char* invariant, std::string_view sql) { EXPECT_EQ(house_.count(sql), 0) << invariant; }

    /// I7, I8, I10: what was accepted is there, in a state that the platform's truth does not contradict.
    void hold_reply(std::int64_t id, const Order& order);

    /// A person decided not to wait for it any longer: it may yet be there.
    static bool discarded(const domain::Reply& reply) { return reply.reason.find("iscarded") != std::string::npos; }

    static bool went_with_target(const domain::Reply& reply) { return reply.reason.find("and with it") != std::string::npos; }

    [[nodiscard]] std::size_t copies_there(const std::string& text) const;

    /// Where the copies of a text are, for the message of a failure.
    [[nodiscard]] std::string where(const std::string& text) const;

    [[nodiscard]] std::size_t copies_ever(const std::string& text) const;

    /// I1, I3, I4: exactly one stored message with the present text, or the mark of its deletion.
    void hold_item(const simulator::Item& item);

    /// I9: replies of a conversation stand on the platform in the order in which they were accepted.
    void hold_order();

    House& house_;
    std::map<std::int64_t, Order> replies_;
    std::deque<std::string> statements_; ///< connections keep statements prepared under their addresses
};

} // namespace sportello::test
