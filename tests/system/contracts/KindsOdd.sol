// Governors that are not where one would look for them: behind a proxy that can be upgraded, one that may decide before its
// deadline, and one whose storage is like nobody's; and a voter that is a contract.
pragma solidity ^0.8.24;

import {GovernorUpgradeable} from "@openzeppelin/contracts-upgradeable/governance/GovernorUpgradeable.sol";
import {GovernorCountingSimpleUpgradeable} from "@openzeppelin/contracts-upgradeable/governance/extensions/GovernorCountingSimpleUpgradeable.sol";
import {GovernorSettingsUpgradeable} from "@openzeppelin/contracts-upgradeable/governance/extensions/GovernorSettingsUpgradeable.sol";
import {GovernorVotesUpgradeable} from "@openzeppelin/contracts-upgradeable/governance/extensions/GovernorVotesUpgradeable.sol";
import {GovernorVotesQuorumFractionUpgradeable} from "@openzeppelin/contracts-upgradeable/governance/extensions/GovernorVotesQuorumFractionUpgradeable.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorSettings} from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import {GovernorSuperQuorum} from "@openzeppelin/contracts/governance/extensions/GovernorSuperQuorum.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {GovernorVotesQuorumFraction} from "@openzeppelin/contracts/governance/extensions/GovernorVotesQuorumFraction.sol";
import {GovernorVotesSuperQuorumFraction} from "@openzeppelin/contracts/governance/extensions/GovernorVotesSuperQuorumFraction.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

contract PlainToken is ERC20, ERC20Permit, ERC20Votes {
    constructor(address[4] memory holders) ERC20("Plain", "PLN") ERC20Permit("Plain") {
        for (uint256 i = 0; i < 4; i++) _mint(holders[i], (4 - i) * 10 ether);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }

    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }
}

contract ProxiedGovernor is
    GovernorUpgradeable,
    GovernorSettingsUpgradeable,
    GovernorCountingSimpleUpgradeable,
    GovernorVotesUpgradeable,
    GovernorVotesQuorumFractionUpgradeable,
    UUPSUpgradeable
{
    address private immutable keeper = msg.sender;

    function initialize(IVotes token, uint32 period) external initializer {
        __Governor_init("Proxied");
        __GovernorSettings_init(2, period, 1 ether);
        __GovernorVotes_init(token);
        __GovernorVotesQuorumFraction_init(25);
    }

    function proposalThreshold() public view override(GovernorUpgradeable, GovernorSettingsUpgradeable) returns (uint256) {
        return super.proposalThreshold();
    }

    function _authorizeUpgrade(address) internal view override {
        require(msg.sender == keeper, "not the keeper");
    }
}

// The same with another way to see who won; its storage is where it was.
contract ProxiedGovernor2 is ProxiedGovernor {
    function _voteSucceeded(uint256 id) internal view override(GovernorUpgradeable, GovernorCountingSimpleUpgradeable) returns (bool) {
        (uint256 against, uint256 inFavour,) = proposalVotes(id);
        return inFavour > against;
    }

    function version2() external pure returns (bool) {
        return true;
    }
}

contract KindsProxy is ERC1967Proxy {
    constructor(address implementation, bytes memory data) ERC1967Proxy(implementation, data) {}
}

contract EarlyGovernor is Governor, GovernorSettings, GovernorCountingSimple, GovernorVotes, GovernorVotesSuperQuorumFraction {
    constructor(IVotes token, uint32 period)
        Governor("Early")
        GovernorSettings(2, period, 1 ether)
        GovernorVotes(token)
        GovernorVotesQuorumFraction(25)
        GovernorVotesSuperQuorumFraction(60)
    {}

    function proposalThreshold() public view override(Governor, GovernorSettings) returns (uint256) {
        return super.proposalThreshold();
    }

    function state(uint256 id) public view override(Governor, GovernorVotesSuperQuorumFraction) returns (ProposalState) {
        return super.state(id);
    }

    function proposalVotes(uint256 id)
        public
        view
        override(GovernorCountingSimple, GovernorSuperQuorum)
        returns (uint256, uint256, uint256)
    {
        return super.proposalVotes(id);
    }
}

// The functions and the events of OpenZeppelin's, kept under keys and in an order of its own.
contract OddGovernor {
    struct Odd {
        uint256 abstained;
        bool isDone;
        uint256 inFavour;
        uint40 closes;
        address by;
        uint40 opens;
        uint256 against;
        mapping(bytes32 => bool) voters;
    }

    string public constant name = "Odd";
    string public constant version = "1";
    uint256 public constant votingDelay = 2;
    uint256 public constant proposalThreshold = 1 ether;
    uint256 public immutable votingPeriod;
    IVotes public immutable token;
    mapping(bytes32 => Odd) private odds;

    event ProposalCreated(uint256 proposalId, address proposer, address[] targets, uint256[] values, string[] signatures, bytes[] calldatas, uint256 voteStart, uint256 voteEnd, string description);
    event VoteCast(address indexed voter, uint256 proposalId, uint8 support, uint256 weight, string reason);
    event ProposalExecuted(uint256 proposalId);

    constructor(IVotes token_, uint256 period) {
        (token, votingPeriod) = (token_, period);
    }

    receive() external payable {}

    function CLOCK_MODE() external pure returns (string memory) {
        return "mode=blocknumber&from=default";
    }

    function clock() public view returns (uint48) {
        return uint48(block.number);
    }

    function COUNTING_MODE() external pure returns (string memory) {
        return "support=bravo&quorum=for,abstain";
    }

    function quorum(uint256 at) public view returns (uint256) {
        return token.getPastTotalSupply(at) / 4;
    }

    function hashProposal(address[] memory targets, uint256[] memory values, bytes[] memory calldatas, bytes32 text)
        public
        pure
        returns (uint256)
    {
        return uint256(keccak256(abi.encode(targets, values, calldatas, text)));
    }

    function of_(uint256 id) private view returns (Odd storage) {
        return odds[keccak256(abi.encode("odd", ~id))];
    }

    function propose(address[] memory targets, uint256[] memory values, bytes[] memory calldatas, string memory text)
        external
        returns (uint256 id)
    {
        require(token.getPastVotes(msg.sender, block.number - 1) >= proposalThreshold, "too few votes");
        id = hashProposal(targets, values, calldatas, keccak256(bytes(text)));
        Odd storage odd = of_(id);
        require(odd.opens == 0, "there already");
        (odd.opens, odd.by) = (uint40(block.number + votingDelay), msg.sender);
        odd.closes = odd.opens + uint40(votingPeriod);
        emit ProposalCreated(id, msg.sender, targets, values, new string[](targets.length), calldatas, odd.opens, odd.closes, text);
    }

    function state(uint256 id) public view returns (uint8) {
        Odd storage odd = of_(id);
        require(odd.opens != 0, "no such proposal");
        if (odd.isDone) return 7;
        if (odd.opens >= block.number) return 0;
        if (odd.closes >= block.number) return 1;
        return quorum(odd.opens) <= odd.inFavour + odd.abstained && odd.inFavour > odd.against ? 4 : 3;
    }

    function proposalSnapshot(uint256 id) external view returns (uint256) {
        return of_(id).opens;
    }

    function proposalDeadline(uint256 id) external view returns (uint256) {
        return of_(id).closes;
    }

    function proposalVotes(uint256 id) external view returns (uint256, uint256, uint256) {
        Odd storage odd = of_(id);
        return (odd.against, odd.inFavour, odd.abstained);
    }

    function hasVoted(uint256 id, address voter) public view returns (bool) {
        return of_(id).voters[keccak256(abi.encode(voter))];
    }

    function castVote(uint256 id, uint8 support) external returns (uint256) {
        return castVoteWithReason(id, support, "");
    }

    function castVoteBySig(uint256, uint8, address, bytes memory) external pure returns (uint256) {
        revert("no ballots");
    }

    function castVoteWithReason(uint256 id, uint8 support, string memory reason) public returns (uint256 weight) {
        require(state(id) == 1 && support <= 2 && !hasVoted(id, msg.sender), "not now");
        Odd storage odd = of_(id);
        weight = token.getPastVotes(msg.sender, odd.opens);
        if (support == 0) odd.against += weight;
        if (support == 1) odd.inFavour += weight;
        if (support == 2) odd.abstained += weight;
        odd.voters[keccak256(abi.encode(msg.sender))] = true;
        emit VoteCast(msg.sender, id, support, weight, reason);
    }

    function execute(address[] memory targets, uint256[] memory values, bytes[] memory calldatas, bytes32 text)
        external
        payable
        returns (uint256 id)
    {
        id = hashProposal(targets, values, calldatas, text);
        require(state(id) == 4, "not succeeded");
        of_(id).isDone = true;
        for (uint256 i = 0; i < targets.length; i++) {
            (bool isDone,) = targets[i].call{value: values[i]}(calldatas[i]);
            require(isDone, "reverted");
        }
        emit ProposalExecuted(id);
    }
}

// An account that is a contract: what its owner signs counts as its signature.
contract Purse is IERC1271 {
    address private immutable owner;

    constructor(address owner_) {
        owner = owner_;
    }

    function isValidSignature(bytes32 hash, bytes memory signature) external view returns (bytes4) {
        (address signer, ECDSA.RecoverError error,) = ECDSA.tryRecover(hash, signature);
        return error == ECDSA.RecoverError.NoError && signer == owner ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }

    function delegate(IVotes token) external {
        token.delegate(address(this));
    }
}
