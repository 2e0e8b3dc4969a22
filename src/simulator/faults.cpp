#include "ids.hpp"
#include <sportello/simulator/faults.hpp>

#include <array>
#include <utility>

namespace sportello::simulator {

std::optional<Endpoint> parse_endpoint(std::string_view word)
{
    constexpr std::array<std::pair<std::string_view, Endpoint>, 5> words{{
        {"comment", Endpoint::public_write},
        {"reply", Endpoint::public_write},
        {"direct_message", Endpoint::direct_message},
        {"read", Endpoint::read},
        {"token", Endpoint::token},
    }};
    for (const auto& [name, endpoint] : words) {
        if (name == word) return endpoint;
    }
    return std::nullopt;
}

std::optional<FaultKind> parse_fault_kind(std::string_view word)
{
    constexpr std::array<std::pair<std::string_view, FaultKind>, 10> words{{
        {"delay", FaultKind::delay},
        {"429", FaultKind::too_many},
        {"401", FaultKind::unauthorized},
        {"5xx", FaultKind::server_error},
        {"cut_before", FaultKind::cut_before},
        {"cut_after", FaultKind::cut_after},
        {"lost_answer", FaultKind::lost_answer},
        {"error", FaultKind::error},
        {"html", FaultKind::html},
        {"garbled", FaultKind::garbled},
    }};
    for (const auto& [name, kind] : words) {
        if (name == word) return kind;
    }
    return std::nullopt;
}

std::string Faults::add(Fault fault)
{
    fault.id = "fault-" + std::to_string(++given_);
    faults_.push_back(std::move(fault));
    return faults_.back().id;
}

std::optional<Fault> Faults::hit(Platform platform, std::string_view account, Endpoint endpoint)
{
    for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
        if (fault->platform != platform || fault->endpoint != endpoint) continue;
        if (!fault->account.empty() && ascii_lower(fault->account) != ascii_lower(account)) continue;
        constexpr std::uint64_t grain = 1'000'000;
        if (fault->share && static_cast<double>(random_.below(grain)) >= *fault->share * static_cast<double>(grain)) continue;
        Fault found = *fault;
        if (fault->count && --*fault->count == 0) faults_.erase(fault);
        return found;
    }
    return std::nullopt;
}

} // namespace sportello::simulator
