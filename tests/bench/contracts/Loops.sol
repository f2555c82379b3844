// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit, Nonces} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorSettings} from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import {GovernorVotes, IVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {GovernorVotesQuorumFraction} from
    "@openzeppelin/contracts/governance/extensions/GovernorVotesQuorumFraction.sol";

/// A token with votes; all of it is the maker's.
contract Ballots is ERC20, ERC20Permit, ERC20Votes {
    constructor() ERC20("Ballots", "BAL") ERC20Permit("Ballots") {
        _mint(msg.sender, 1_000_000_000 ether);
    }

    function _update(address from, address to, uint256 amount) internal override(ERC20, ERC20Votes) {
        super._update(from, to, amount);
    }

    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }
}

/// Voting opens after a block and stays open for a million.
contract Council is Governor, GovernorSettings, GovernorCountingSimple, GovernorVotes, GovernorVotesQuorumFraction {
    constructor(IVotes token)
        Governor("Council")
        GovernorSettings(1, 1_000_000, 0)
        GovernorVotes(token)
        GovernorVotesQuorumFraction(4)
    {}

    function proposalThreshold() public view override(Governor, GovernorSettings) returns (uint256) {
        return super.proposalThreshold();
    }
}

/// Long enough to be timed as one call.
contract Loops {
    /// What curve arithmetic is made of: products and sums modulo a prime, shifts, plain words.
    function arith(uint256 rounds) external pure returns (uint256 a) {
        uint256 prime = 21888242871839275222246405745257275088696311157297823662689037894645226208583;
        uint256 b = 7;
        a = 3;
        unchecked {
            for (uint256 i = 0; i < rounds; ++i) {
                a = mulmod(a, b, prime);
                b = addmod(b, a, prime);
                a ^= b >> 7;
                b = b * a + i;
                a %= b | 1;
            }
        }
    }

    /// A chain of hashes, each over 64 bytes.
    function hash(uint256 rounds) external pure returns (bytes32 last) {
        for (uint256 i = 0; i < rounds; ++i) {
            assembly ("memory-safe") {
                mstore(0, last)
                mstore(32, i)
                last := keccak256(0, 64)
            }
        }
    }

    function pastVotes(Ballots token, address voter, uint256 block_, uint256 rounds) external view returns (uint256 sum) {
        for (uint256 i = 0; i < rounds; ++i) sum += token.getPastVotes(voter, block_ - (i % 32));
    }

    function states(Council council, uint256 proposal, uint256 rounds) external view returns (uint256 sum) {
        for (uint256 i = 0; i < rounds; ++i) sum += uint256(council.state(proposal));
    }
}
