#pragma once

#include <sportello/base/random.hpp>
#include <sportello/simulator/world.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace sportello::simulator {

/// What a call is about, as far as faults tell calls apart. comment (Facebook) and reply (X) both mean: writing in
/// public.
enum class Endpoint { public_write, direct_message, read, token };

enum class FaultKind {
    delay,        ///< waits `delay`, then goes on as usual; with `effect` it waits with the answer only
    too_many,     ///< 429 (Facebook: its code 4), no effect; "429"
    unauthorized, ///< 401 (Facebook: its code 190), no effect; "401"
    server_error, ///< 503 (Facebook: 500 with code 2), no effect unless `effect`; "5xx"
    error,        ///< Facebook: the error `code`, `subcode` in the platform's words, no effect unless `effect`
    html,         ///< 502 with a gateway's page, no effect unless `effect`
    garbled,      ///< full effect, the answer breaks off in the middle of its JSON
    cut_before,   ///< no effect, the connection closes
    cut_after,    ///< full effect, the connection closes
    lost_answer   ///< full effect, the answer never comes
};

struct Fault {
    std::string id;
    Platform platform = Platform::facebook;
    std::string account; ///< empty: every account of the platform
    Endpoint endpoint = Endpoint::public_write;
    FaultKind kind = FaultKind::delay;
    std::optional<int> count;    ///< how many calls are hit, then the fault is over; absent: until cleared
    std::optional<double> share; ///< 0 to 1: how many of the calls are hit; absent: all
    std::chrono::milliseconds delay{1000};
    std::chrono::seconds retry_after{60};
    int code = 0; ///< of an error
    int subcode = 0;
    bool effect = false; ///< the call is carried out before it is refused
};

[[nodiscard]] std::optional<Endpoint> parse_endpoint(std::string_view word);
[[nodiscard]] std::optional<FaultKind> parse_fault_kind(std::string_view word);

/// The faults that are in force.
class Faults {
public:
    explicit Faults(base::Random& random) : random_(random) {}
    /// @return its id.
    std::string add(Fault fault);
    void clear() { faults_.clear(); }
    /// The first fault that hits this call, if any; uses up one of its count.
    std::optional<Fault> hit(Platform platform, std::string_view account, Endpoint endpoint);

private:
    base::Random& random_;
    std::vector<Fault> faults_;
    int given_ = 0;
};

} // namespace sportello::simulator
