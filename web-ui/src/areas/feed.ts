// The feeds: what people wrote, to all and to the reader.
export { Author } from '../screens/Author'
export { Feed } from '../screens/Feed'
export { Messages } from '../screens/Messages'
export { Moderation } from '../screens/Moderation'
export { Notifications } from '../screens/Notifications'
export { Search } from '../screens/Search'
export { Thread } from '../screens/Thread'
