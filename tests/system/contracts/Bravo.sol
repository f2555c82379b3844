// A token, a governor and a timelock with the interface and the storage that GovernorBravo, COMP and Compound's timelock have,
// as small as a test needs them.
pragma solidity ^0.8.24;

contract BravoToken {
    struct Checkpoint {
        uint32 fromBlock;
        uint96 votes;
    }

    string public constant name = "Bravo";
    string public constant symbol = "BRV";
    uint8 public constant decimals = 18;
    uint256 public constant totalSupply = 1000 ether;
    mapping(address => mapping(address => uint96)) internal allowances;
    mapping(address => uint96) internal balances;
    mapping(address => address) public delegates;
    mapping(address => mapping(uint32 => Checkpoint)) public checkpoints;
    mapping(address => uint32) public numCheckpoints;
    mapping(address => uint256) public nonces;

    event Transfer(address indexed from, address indexed to, uint256 amount);
    event DelegateChanged(address indexed delegator, address indexed fromDelegate, address indexed toDelegate);

    constructor() {
        balances[msg.sender] = uint96(totalSupply);
    }

    function balanceOf(address account) external view returns (uint256) {
        return balances[account];
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        balances[msg.sender] -= uint96(amount);
        balances[to] += uint96(amount);
        move(delegates[msg.sender], delegates[to], uint96(amount));
        emit Transfer(msg.sender, to, amount);
        return true;
    }

    function delegate(address to) external {
        emit DelegateChanged(msg.sender, delegates[msg.sender], to);
        move(delegates[msg.sender], to, balances[msg.sender]);
        delegates[msg.sender] = to;
    }

    function getCurrentVotes(address account) public view returns (uint96) {
        uint32 n = numCheckpoints[account];
        return n > 0 ? checkpoints[account][n - 1].votes : 0;
    }

    function getPriorVotes(address account, uint256 at) external view returns (uint96) {
        require(at < block.number, "not yet");
        for (uint32 n = numCheckpoints[account]; n > 0; n--) {
            if (checkpoints[account][n - 1].fromBlock <= at) return checkpoints[account][n - 1].votes;
        }
        return 0;
    }

    function move(address from, address to, uint96 amount) internal {
        if (from == to || amount == 0) return;
        if (from != address(0)) write(from, getCurrentVotes(from) - amount);
        if (to != address(0)) write(to, getCurrentVotes(to) + amount);
    }

    function write(address account, uint96 votes) internal {
        uint32 n = numCheckpoints[account];
        bool isNew = n == 0 || checkpoints[account][n - 1].fromBlock != block.number;
        checkpoints[account][isNew ? n : n - 1] = Checkpoint(uint32(block.number), votes);
        if (isNew) numCheckpoints[account] = n + 1;
    }
}

contract BravoTimelock {
    uint256 public constant GRACE_PERIOD = 14 days;
    address public admin;
    address public pendingAdmin;
    uint256 public delay;
    mapping(bytes32 => bool) public queuedTransactions;

    constructor(uint256 delay_) {
        admin = msg.sender;
        delay = delay_;
    }

    receive() external payable {}

    modifier onlyAdmin() {
        require(msg.sender == admin, "not the admin");
        _;
    }

    function giveTo(address to) external onlyAdmin {
        admin = to;
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

    function executeTransaction(address to, uint256 value, string memory signature, bytes memory data, uint256 eta)
        external
        payable
        onlyAdmin
    {
        bytes32 hash = keccak256(abi.encode(to, value, signature, data, eta));
        require(queuedTransactions[hash] && block.timestamp >= eta && block.timestamp <= eta + GRACE_PERIOD, "not now");
        queuedTransactions[hash] = false;
        bytes memory all = bytes(signature).length == 0 ? data : abi.encodePacked(bytes4(keccak256(bytes(signature))), data);
        (bool isDone,) = to.call{value: value}(all);
        require(isDone, "reverted");
    }
}

contract BravoGovernor {
    enum ProposalState { Pending, Active, Canceled, Defeated, Succeeded, Queued, Expired, Executed }

    struct Receipt {
        bool hasVoted;
        uint8 support;
        uint96 votes;
    }

    struct Proposal {
        uint256 id;
        address proposer;
        uint256 eta;
        address[] targets;
        uint256[] values;
        string[] signatures;
        bytes[] calldatas;
        uint256 startBlock;
        uint256 endBlock;
        uint256 forVotes;
        uint256 againstVotes;
        uint256 abstainVotes;
        bool canceled;
        bool executed;
        mapping(address => Receipt) receipts;
    }

    string public constant name = "Bravo Circle";
    uint256 public constant quorumVotes = 40 ether;
    bytes32 public constant DOMAIN_TYPEHASH = keccak256("EIP712Domain(string name,uint256 chainId,address verifyingContract)");
    bytes32 public constant BALLOT_TYPEHASH = keccak256("Ballot(uint256 proposalId,uint8 support)");

    address public admin;
    address public pendingAdmin;
    address public implementation;
    uint256 public votingDelay = 2;
    uint256 public votingPeriod;
    uint256 public proposalThreshold = 1 ether;
    uint256 public initialProposalId;
    uint256 public proposalCount;
    BravoTimelock public timelock;
    BravoToken public comp;
    mapping(uint256 => Proposal) public proposals;
    mapping(address => uint256) public latestProposalIds;

    event ProposalCreated(uint256 id, address proposer, address[] targets, uint256[] values, string[] signatures, bytes[] calldatas, uint256 startBlock, uint256 endBlock, string description);
    event VoteCast(address indexed voter, uint256 proposalId, uint8 support, uint256 votes, string reason);
    event ProposalCanceled(uint256 id);
    event ProposalQueued(uint256 id, uint256 eta);
    event ProposalExecuted(uint256 id);

    constructor(BravoToken token, BravoTimelock timelock_, uint256 period) {
        admin = msg.sender;
        comp = token;
        timelock = timelock_;
        votingPeriod = period;
    }

    function propose(
        address[] memory targets,
        uint256[] memory values,
        string[] memory signatures,
        bytes[] memory calldatas,
        string memory description
    ) external returns (uint256 id) {
        require(comp.getPriorVotes(msg.sender, block.number - 1) > proposalThreshold, "too few votes");
        require(targets.length > 0 && targets.length <= 10 && targets.length == values.length, "lengths");
        id = ++proposalCount;
        Proposal storage p = proposals[id];
        p.id = id;
        p.proposer = msg.sender;
        p.targets = targets;
        p.values = values;
        p.signatures = signatures;
        p.calldatas = calldatas;
        p.startBlock = block.number + votingDelay;
        p.endBlock = p.startBlock + votingPeriod;
        latestProposalIds[msg.sender] = id;
        emit ProposalCreated(id, msg.sender, targets, values, signatures, calldatas, p.startBlock, p.endBlock, description);
    }

    function state(uint256 id) public view returns (ProposalState) {
        Proposal storage p = proposals[id];
        require(id > initialProposalId && id <= proposalCount, "no such proposal");
        if (p.canceled) return ProposalState.Canceled;
        if (block.number <= p.startBlock) return ProposalState.Pending;
        if (block.number <= p.endBlock) return ProposalState.Active;
        if (p.forVotes <= p.againstVotes || p.forVotes < quorumVotes) return ProposalState.Defeated;
        if (p.eta == 0) return ProposalState.Succeeded;
        if (p.executed) return ProposalState.Executed;
        return block.timestamp >= p.eta + timelock.GRACE_PERIOD() ? ProposalState.Expired : ProposalState.Queued;
    }

    function getActions(uint256 id)
        external
        view
        returns (address[] memory, uint256[] memory, string[] memory, bytes[] memory)
    {
        Proposal storage p = proposals[id];
        return (p.targets, p.values, p.signatures, p.calldatas);
    }

    function getReceipt(uint256 id, address voter) external view returns (Receipt memory) {
        return proposals[id].receipts[voter];
    }

    function castVote(uint256 id, uint8 support) external {
        vote(msg.sender, id, support, "");
    }

    function castVoteWithReason(uint256 id, uint8 support, string calldata reason) external {
        vote(msg.sender, id, support, reason);
    }

    function castVoteBySig(uint256 id, uint8 support, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 domain = keccak256(abi.encode(DOMAIN_TYPEHASH, keccak256(bytes(name)), block.chainid, address(this)));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, keccak256(abi.encode(BALLOT_TYPEHASH, id, support))));
        address signer = ecrecover(digest, v, r, s);
        require(signer != address(0), "signature");
        vote(signer, id, support, "");
    }

    function vote(address voter, uint256 id, uint8 support, string memory reason) internal {
        require(state(id) == ProposalState.Active && support <= 2, "closed");
        Proposal storage p = proposals[id];
        Receipt storage receipt = p.receipts[voter];
        require(!receipt.hasVoted, "voted");
        uint96 votes = comp.getPriorVotes(voter, p.startBlock);
        if (support == 0) p.againstVotes += votes;
        if (support == 1) p.forVotes += votes;
        if (support == 2) p.abstainVotes += votes;
        receipt.hasVoted = true;
        receipt.support = support;
        receipt.votes = votes;
        emit VoteCast(voter, id, support, votes, reason);
    }

    function queue(uint256 id) external {
        require(state(id) == ProposalState.Succeeded, "not succeeded");
        Proposal storage p = proposals[id];
        p.eta = block.timestamp + timelock.delay();
        for (uint256 i = 0; i < p.targets.length; i++) {
            timelock.queueTransaction(p.targets[i], p.values[i], p.signatures[i], p.calldatas[i], p.eta);
        }
        emit ProposalQueued(id, p.eta);
    }

    function execute(uint256 id) external payable {
        require(state(id) == ProposalState.Queued, "not queued");
        Proposal storage p = proposals[id];
        p.executed = true;
        for (uint256 i = 0; i < p.targets.length; i++) {
            timelock.executeTransaction{value: p.values[i]}(p.targets[i], p.values[i], p.signatures[i], p.calldatas[i], p.eta);
        }
        emit ProposalExecuted(id);
    }

    function cancel(uint256 id) external {
        require(msg.sender == proposals[id].proposer && !proposals[id].executed, "not yours");
        proposals[id].canceled = true;
        emit ProposalCanceled(id);
    }
}
