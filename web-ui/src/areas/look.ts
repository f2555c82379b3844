// Looking things up: a block, a transaction, an account.
export { Account } from '../screens/Account'
export { Block } from '../screens/Block'
export { Look } from '../screens/Look'
export { Tx } from '../screens/Tx'
