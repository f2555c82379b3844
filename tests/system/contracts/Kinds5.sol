// Governors of OpenZeppelin 5 with the extensions that change how votes are counted, and a timelock of Compound's kind whose
// time of grace is short enough for a test.
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Governor, IGovernor} from "@openzeppelin/contracts/governance/Governor.sol";
import {GovernorCountingFractional} from "@openzeppelin/contracts/governance/extensions/GovernorCountingFractional.sol";
import {GovernorCountingOverridable} from "@openzeppelin/contracts/governance/extensions/GovernorCountingOverridable.sol";
import {GovernorPreventLateQuorum} from "@openzeppelin/contracts/governance/extensions/GovernorPreventLateQuorum.sol";
import {GovernorSequentialProposalId} from "@openzeppelin/contracts/governance/extensions/GovernorSequentialProposalId.sol";
import {GovernorSettings} from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import {GovernorStorage} from "@openzeppelin/contracts/governance/extensions/GovernorStorage.sol";
import {GovernorTimelockCompound} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockCompound.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {GovernorVotesQuorumFraction} from "@openzeppelin/contracts/governance/extensions/GovernorVotesQuorumFraction.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {Votes} from "@openzeppelin/contracts/governance/utils/Votes.sol";
import {VotesExtended} from "@openzeppelin/contracts/governance/utils/VotesExtended.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {ICompoundTimelock} from "@openzeppelin/contracts/vendor/compound/ICompoundTimelock.sol";

contract TimeToken is ERC20, ERC20Permit, ERC20Votes {
    constructor(address[4] memory holders) ERC20("Time", "TIM") ERC20Permit("Time") {
        for (uint256 i = 0; i < 4; i++) _mint(holders[i], (4 - i) * 10 ether);
    }

    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }

    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }
}

// Whose holders' balances have a history too, so that they can vote over their delegates' heads.
contract HistoryToken is ERC20, ERC20Permit, ERC20Votes, VotesExtended {
    constructor(address[4] memory holders) ERC20("History", "HIS") ERC20Permit("History") {
        for (uint256 i = 0; i < 4; i++) _mint(holders[i], (4 - i) * 10 ether);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }

    function _delegate(address account, address to) internal override(Votes, VotesExtended) {
        super._delegate(account, to);
    }

    function _transferVotingUnits(address from, address to, uint256 amount) internal override(Votes, VotesExtended) {
        super._transferVotingUnits(from, to, amount);
    }

    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }
}

contract GraceTimelock {
    uint256 public immutable GRACE_PERIOD;
    uint256 public immutable delay;
    address public admin = msg.sender;
    address public pendingAdmin;
    mapping(bytes32 => bool) public queuedTransactions;

    constructor(uint256 delay_, uint256 grace) {
        (delay, GRACE_PERIOD) = (delay_, grace);
    }

    receive() external payable {}

    modifier onlyAdmin() {
        require(msg.sender == admin, "not the admin");
        _;
    }

    function setPendingAdmin(address to) external onlyAdmin {
        pendingAdmin = to;
    }

    function acceptAdmin() external {
        require(msg.sender == pendingAdmin, "not the next admin");
        (admin, pendingAdmin) = (msg.sender, address(0));
    }

    function queueTransaction(address to, uint256 value, string memory signature, bytes memory data, uint256 eta)
        external
        onlyAdmin
        returns (bytes32 hash)
    {
        require(eta >= block.timestamp + delay, "too early");
        hash = keccak256(abi.encode(to, value, signature, data, eta));
        queuedTransactions[hash] = true;
    }

    function cancelTransaction(address to, uint256 value, string memory signature, bytes memory data, uint256 eta)
        external
        onlyAdmin
    {
        queuedTransactions[keccak256(abi.encode(to, value, signature, data, eta))] = false;
    }

    function executeTransaction(address to, uint256 value, string memory signature, bytes memory data, uint256 eta)
        external
        payable
        onlyAdmin
        returns (bytes memory answer)
    {
        bytes32 hash = keccak256(abi.encode(to, value, signature, data, eta));
        require(queuedTransactions[hash] && block.timestamp >= eta && block.timestamp <= eta + GRACE_PERIOD, "not now");
        queuedTransactions[hash] = false;
        bool isDone;
        (isDone, answer) = to.call{value: value}(data);
        require(isDone, "reverted");
    }
}

// Split votes, numbered and stored proposals, late quorums, time as clock, and a timelock that lets them expire.
contract EveryGovernor is
    Governor,
    GovernorSettings,
    GovernorCountingFractional,
    GovernorStorage,
    GovernorVotes,
    GovernorVotesQuorumFraction,
    GovernorTimelockCompound,
    GovernorPreventLateQuorum,
    GovernorSequentialProposalId
{
    constructor(IVotes token, ICompoundTimelock timelock, uint32 period, uint48 extension)
        Governor("Everything")
        GovernorSettings(2, period, 1 ether)
        GovernorVotes(token)
        GovernorVotesQuorumFraction(75)
        GovernorTimelockCompound(timelock)
        GovernorPreventLateQuorum(extension)
    {}

    function state(uint256 id) public view override(Governor, GovernorTimelockCompound) returns (ProposalState) {
        return super.state(id);
    }

    function proposalDeadline(uint256 id) public view override(Governor, GovernorPreventLateQuorum) returns (uint256) {
        return super.proposalDeadline(id);
    }

    function proposalNeedsQueuing(uint256 id) public view override(Governor, GovernorTimelockCompound) returns (bool) {
        return super.proposalNeedsQueuing(id);
    }

    function proposalThreshold() public view override(Governor, GovernorSettings) returns (uint256) {
        return super.proposalThreshold();
    }

    function getProposalId(address[] memory targets, uint256[] memory values, bytes[] memory calldatas, bytes32 text)
        public
        view
        override(Governor, GovernorSequentialProposalId)
        returns (uint256)
    {
        return super.getProposalId(targets, values, calldatas, text);
    }

    function _propose(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory text,
        address proposer
    ) internal override(Governor, GovernorStorage, GovernorSequentialProposalId) returns (uint256) {
        return super._propose(targets, values, calldatas, text, proposer);
    }

    function _tallyUpdated(uint256 id) internal override(Governor, GovernorPreventLateQuorum) {
        super._tallyUpdated(id);
    }

    function _queueOperations(uint256 id, address[] memory targets, uint256[] memory values, bytes[] memory calldatas, bytes32 text)
        internal
        override(Governor, GovernorTimelockCompound)
        returns (uint48)
    {
        return super._queueOperations(id, targets, values, calldatas, text);
    }

    function _executeOperations(uint256 id, address[] memory targets, uint256[] memory values, bytes[] memory calldatas, bytes32 text)
        internal
        override(Governor, GovernorTimelockCompound)
    {
        super._executeOperations(id, targets, values, calldatas, text);
    }

    function _cancel(address[] memory targets, uint256[] memory values, bytes[] memory calldatas, bytes32 text)
        internal
        override(Governor, GovernorTimelockCompound)
        returns (uint256)
    {
        return super._cancel(targets, values, calldatas, text);
    }

    function _executor() internal view override(Governor, GovernorTimelockCompound) returns (address) {
        return super._executor();
    }
}

// Delegators may vote over their delegate's head; without a timelock, so that the governor itself pays.
contract OverrideGovernor is Governor, GovernorSettings, GovernorCountingOverridable, GovernorVotesQuorumFraction {
    constructor(IVotes token, uint32 period)
        Governor("Overriders")
        GovernorSettings(2, period, 1 ether)
        GovernorVotes(token)
        GovernorVotesQuorumFraction(25)
    {}

    function proposalThreshold() public view override(Governor, GovernorSettings) returns (uint256) {
        return super.proposalThreshold();
    }
}
