#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/engine/courier.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/database.hpp>
#include <sportello/storage/phone_calls.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace sportello::engine {

/// Tells the call centre of hand-overs: each notice at least once and under one id, those of one hand-over in order; what
/// fails is tried again, more and more slowly, for more than a day.
///
/// Headers: X-Sportello-Delivery (the id), X-Sportello-Timestamp (seconds since 1970) and X-Sportello-Signature,
/// "sha256=" and the HMAC-SHA256 of "timestamp.body" in hexadecimal.
class CallCentre {
public:
    CallCentre(boost::asio::any_io_executor executor, storage::Database& db, const Settings& settings, base::Clock& clock);

    /// Works until stop(); ends at once without a courier.
    boost::asio::awaitable<void> run();
    void stop();
    /// There may be something to tell.
    void wake() { signal_.notify(); }
    void use(Courier* courier) { courier_ = courier; }

private:
    boost::asio::awaitable<base::Instant> round();
    boost::asio::awaitable<void> send(storage::CallCentreDelivery delivery);

    storage::Database& db_;
    const Settings& settings_;
    base::Clock& clock_;
    base::Signal signal_;
    Courier* courier_ = nullptr;
    bool stopping_ = false;
};

} // namespace sportello::engine
