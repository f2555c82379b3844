// Other nodes: who is linked, and how this one is reached.
export { Peers } from '../screens/Peers'
export { Reach } from '../screens/Reach'
