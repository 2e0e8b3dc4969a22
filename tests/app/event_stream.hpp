#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace sportello::test {

/// One connection to the event stream of a server on this machine.
///
/// @param seen  the numbers of the events, appended as they come; the last is where the stream resumes
/// Returns when the connection ends, when nothing came for two seconds, or when it shall not go on.
boost::asio::awaitable<void> follow_events(boost::asio::io_context& io, std::uint16_t port, std::string cookie,
                                           std::vector<std::int64_t>& seen, const bool& goes_on);

} // namespace sportello::test
